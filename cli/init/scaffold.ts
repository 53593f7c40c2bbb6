import { aggregate } from "./templates/aggregate.js";
import { consumer } from "./templates/consumer.js";
import { enrich } from "./templates/enrich.js";
import { join } from "./templates/join.js";
import { rules } from "./templates/rules.js";
import { serve } from "./templates/serve.js";
import { sink } from "./templates/sink.js";
import type { Template } from "./templates/template.js";
import { train } from "./templates/train.js";
import { transform } from "./templates/transform.js";

const templates = {
  ...{ transform, aggregate, join, enrich, rules, sink, train, serve, consumer },
} as const satisfies Record<string, Template>;

export type PluginKind = keyof typeof templates;
export const pluginKinds = Object.keys(templates) as PluginKind[];

export interface ScaffoldOptions {
  readonly name: string;
  readonly kind: PluginKind;
  /** JavaScript instead of TypeScript. */
  readonly js: boolean;
  /** Version of this package. */
  readonly version: string;
}

/** The files of a new plugin: names and contents. */
export function scaffold(options: ScaffoldOptions): Record<string, string> {
  const { name, kind, js, version } = options;
  const template: Template = templates[kind];
  const file = js ? "plugin.js" : "plugin.ts";
  const plugin = template.plugin({ name, ts: (text) => (js ? "" : text) });
  const manifest = {
    name,
    version: "1.0.0",
    private: true,
    type: "module",
    main: file,
    scripts: { test: "node --test" },
    devDependencies: { fedbus: `^${version}` },
  };
  return {
    [file]: plugin.replace(/\n{3,}/g, "\n\n"),
    "plugin.test.js": testOf(template, file, name),
    "package.json": `${JSON.stringify(manifest, undefined, 2)}\n`,
    "README.md": readmeOf(template, file, name),
    ".gitignore": "node_modules/\n.fedbus/\n",
  };
}

function testOf(template: Template, file: string, name: string): string {
  const { imports = [], opening, harness, test, closing } = template;
  const head = [
    `import assert from "node:assert/strict";`,
    ...imports,
    `import { test } from "node:test";`,
    `import { harness } from "fedbus/testing";`,
  ];
  const options = harness === undefined ? "" : `, ${harness}`;
  const line = (text?: string): string => (text === undefined ? "" : `${text}\n`);
  return `${head.join("\n")}

// The harness runs the plugin as \`fedbus run\` would, over a log in memory whose time is ours.
test("${name}", async () => {
${line(opening)}  const h = await harness(new URL("./${file}", import.meta.url)${options});
${test.replaceAll('" + name + "', name)}
  assert.deepEqual(h.deadLetters, []);
  await h.close();
${line(closing)}});
`;
}

function readmeOf(template: Template, file: string, name: string): string {
  const { about, topics, example, settings = "" } = template;
  return `# ${name}

A fedbus consumer over \`${topics}\`. ${about}

\`\`\`sh
npm test                             # in memory, in no time
fedbus run ./${file}${settings}      # on the hub that runs here, or on a new one
fedbus publish ${example}
fedbus tail '#'                      # what comes in, and what it makes of it
fedbus consumers show ${name} --watch
\`\`\`
`;
}
