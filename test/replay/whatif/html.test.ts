import t from "tap";
import { type WhatIfReport, whatIfHtml } from "../../../replay/index.js";

const hostile = `<script>alert(1)</script>"'&\u202e\u0000</style>`;

t.test("html: nothing that an event holds becomes markup", (t) => {
  const report: WhatIfReport = {
    against: hostile,
    consumer: { name: hostile, version: hostile },
    range: { from: 0, to: 10 },
    totals: { same: 1, added: 1, dropped: 1, changed: 1 },
    fields: [{ name: hostile, count: 1 }],
    topics: [{ name: hostile, count: 3 }],
    notes: [hostile],
    differences: (["added", "dropped", "changed"] as const).map((kind) => ({
      kind,
      topic: hostile,
      cause: { offset: 1, key: hostile, window: [0, 1e300] },
      offset: 7,
      old: { [hostile]: hostile },
      new: hostile,
      fields: [{ path: hostile, old: hostile, new: [hostile] }],
    })),
  };
  const html = whatIfHtml(report);
  t.notMatch(html, /<script/i);
  t.equal(html.split("</style>").length, 2, "the one style sheet ends once");
  t.notMatch(html, /[\u0000\u202e]/);
  t.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot;&#39;&amp;<i class="code">U\+202E/);
  t.match(html, /default-src 'none'/);
  t.notMatch(html, /\b(?:src|href|on\w+)=/);
  t.end();
});

t.test("html: without differences it says so", (t) => {
  const html = whatIfHtml({
    against: "a",
    consumer: { name: "a", version: "2" },
    range: { from: 0, to: 1_000_000 },
    totals: { same: 1_000_000, added: 0, dropped: 0, changed: 0 },
    ...{ fields: [], topics: [], notes: [], differences: [] },
  });
  t.match(html, /The outputs are the same/);
  t.match(html, /1,000,000/);
  t.notMatch(html, /<h2>/);
  t.end();
});
