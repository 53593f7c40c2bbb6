/** Folders by floor: a file imports from its own floor and from those below, never from above. */
export const floors: Readonly<Record<string, number>> = {
  schemas: 1,
  bus: 2,
  consumers: 3,
  replay: 4,
  web: 5,
  cli: 6,
};

/** Folders that stand beside the floors and may import anything. */
export const beside: readonly string[] = ["test", "bench", "examples", "scripts"];

/** The files that may import each third-party package. What is not listed here has no door. */
export const doors: Readonly<Record<string, RegExp>> = {
  zeromq: /^(?:bus\/wire\/sockets|cli\/doctor\/runtime)\.ts$/,
  level: /^(?:bus\/storage\/database|cli\/doctor\/runtime)\.ts$/,
  ajv: /^schemas\/(?:schema-compiler|schema-problem|unique-items)\.ts$/,
  "ajv-draft-04": /^schemas\/schema-compiler\.ts$/,
  "ajv-formats": /^schemas\/schema-compiler\.ts$/,
  re2js: /^schemas\/linear-regexp\.ts$/,
  "@marcbachmann/cel-js": /^schemas\/expression\/[\w-]+\.ts$/,
  jiti: /^consumers\/plugin\/loader\.ts$/,
  "js-quantities": /^consumers\/transform\/cleaning\/units\.ts$/,
  "csv-stringify": /^consumers\/sinks\/file\/csv\.ts$/,
  pg: /^consumers\/sinks\/postgres\/session\.ts$/,
  // What new plugins import: their text stands there.
  fedbus: /^cli\/init\/(?:scaffold|templates\/\w+)\.ts$/,
  yargs: /^cli\/(?:command|command-table|program)\.ts$/,
  "cli-progress": /^cli\/render\/progress\.ts$/,
  picocolors: /^cli\/render\/colours\.ts$/,
  tinyqueue: /^consumers\/(?:store\/timer-queue|models\/trees\/grower)\.ts$/,
  ms: /^cli\/units\.ts$/,
  "onnxruntime-node": /^(?:cli\/doctor\/runtime|consumers\/models\/runtime\/onnxruntime)\.ts$/,
  tap: /^testing\.ts$/,
};

/** What only the composition root and the programs beside the floors may use. */
export const rootOnly: Readonly<Record<string, RegExp>> = {
  console: /\bconsole\.\w/,
  "process.env": /\bprocess\.env\b/,
  "process.argv": /\bprocess\.argv\b/,
  "process.exit": /\bprocess\.exit(?:Code)?\b/,
  "signal handlers": /\bprocess\.(?:on|once)\(\s*["'](?:SIG|uncaught|unhandled)/,
};

export const rootFolder = "cli";
