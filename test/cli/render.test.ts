import t from "tap";
import { createColours } from "../../cli/render/colours.js";
import { eventFormat } from "../../cli/render/event.js";
import { parseTime } from "../../cli/units.js";
import { eventOf } from "./event.js";

const colours = createColours(false);
const recordedAt = Date.parse("2026-11-21T12:00:00.250Z");
const event = eventOf(
  { topic: "org.fedbus.demo.host.cpu", msg: { cores: 8 } },
  { offset: 3, recordedAt },
);

t.test("render: terse lines have the whole topic, and a time that --since takes", async (t) => {
  const line = eventFormat({ style: "terse", colours })(event);
  t.match(line, /^\d\d:\d\d:\d\d org\.fedbus\.demo\.host\.cpu cores=8\n$/);
  const now = recordedAt + 60_000;
  t.equal(parseTime("--since", line.slice(0, 8), now), Date.parse("2026-11-21T12:00:00Z"));
  const painted = eventFormat({ style: "terse", colours: createColours(true) })(event);
  t.match(painted, "demo.host.cpu", "only its start is dimmed");
});

t.test("render: lines are cut to the terminal, topic and all", async (t) => {
  for (const style of ["line", "terse"] as const)
    t.equal(eventFormat({ style, colours, columns: 60 })(event).length <= 61, true, style);
});

t.test("render: recorded_at goes by its name in JSON too", async (t) => {
  const format = eventFormat({ style: "line", colours, fields: ["recordedAt", "recorded_at"] });
  t.equal(format(event), `${recordedAt}, ${recordedAt}\n`);
});
