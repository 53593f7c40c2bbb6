import t from "tap";
import { showTime } from "../../cli/render/amounts.js";

t.test("time: what no calendar has is shown as none, whoever wrote it", async (t) => {
  t.equal(showTime(0), "1970-01-01T00:00:00.000Z");
  t.equal(showTime(8.64e15), "+275760-09-13T00:00:00.000Z");
  for (const time of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1e300, -1e300])
    t.equal(showTime(time), "-");
});
