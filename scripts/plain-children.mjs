// Loaded into every test: the processes that it starts are as they are for a user. tap would load itself into
// each of them, by way of the environment, to see what they cover: that takes longer than they do themselves.
import processOnSpawn from "process-on-spawn";

processOnSpawn.addListener((spawned) => {
  const { NODE_OPTIONS = "", ...env } = spawned.env;
  const options = NODE_OPTIONS.split(" ").filter((option) => !option.includes("@tapjs/"));
  if (options.join("") !== "") env.NODE_OPTIONS = options.join(" ");
  for (const name of Object.keys(env)) if (name.startsWith("_TAPJS_")) delete env[name];
  spawned.env = env;
});
