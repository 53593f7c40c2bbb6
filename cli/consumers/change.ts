import type { ConsumerControl } from "../../consumers/index.js";
import type { Context } from "../context.js";
import { type ExitCode, exit } from "../exit.js";
import { withConsumer } from "./place.js";
import { statusText } from "./render-status.js";

/** Changes a consumer, and tells how it is then. */
export async function changeConsumer(
  name: string,
  context: Context,
  change: (control: ConsumerControl) => Promise<void>,
): Promise<ExitCode> {
  const { json, out } = context;
  const status = await withConsumer(name, context, async (control) => {
    await change(control);
    return await control.status();
  });
  await (json ? out.json(status) : out.line(statusText(status)));
  return exit.ok;
}
