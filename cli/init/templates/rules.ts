import type { Template } from "./template.js";

export const rules: Template = {
  about: "It alerts when a room has been too warm for ten minutes, and when a sensor is silent.",
  topics: "home.room.*",
  plugin: ({ name, ts }) => `import { rule, rules } from "fedbus/consumers";
${ts(`
interface Reading {
  room: string;
  celsius: number;
}
`)}
export default rules({
  name: "${name}",
  version: "1",
  topics: ["home.room.*"],
  key: (event) => (event.msg${ts(" as Reading")}).room,
  rules: [
    rule.heldFor({
      name: "too-warm",
      when: "msg.celsius > 26",
      forMs: 600_000,
      severity: "critical",
      message: "{key} has been too warm for ten minutes",
    }),
    rule.absent({ name: "silent", forMs: 3_600_000, message: "{key} has said nothing for an hour" }),
  ],
});
`,
  test: `  for (let minute = 0; minute < 10; minute++) {
    assert.deepEqual(await h.feed("home.room.measured", { room: "attic", celsius: 30 }), []);
    await h.advance(60_000);
  }
  assert.equal(h.outputs[0].topic, "consumers." + name + ".alert");
  assert.equal(h.outputs[0].msg.message, "attic has been too warm for ten minutes");
  const [clear] = await h.feed("home.room.measured", { room: "attic", celsius: 20 });
  assert.equal(clear.topic, "consumers." + name + ".clear");`,
  example: `home.room.measured '{"room": "attic", "celsius": 30}'`,
};
