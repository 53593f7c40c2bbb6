import { existsSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { judge } from "../../../bench/models/control-chart.js";
import { machineTemperature } from "../../../bench/models/data/machine-temperature.js";
import { realData } from "../../real-data.js";

const folder = join(realData, "nab");
const skip = existsSync(folder)
  ? false
  : `no real data in ${folder}: FEDBUS_DATA can name another place`;

t.test(
  "forecasts: a chart of three sigma finds all that was wrong with the machine",
  { skip },
  async (t) => {
    const { found, windows, falseAlarms } = judge(await machineTemperature());
    t.equal(windows, 4);
    t.equal(found, 4);
    // In eleven weeks; docs/models.md states it.
    t.equal(falseAlarms, 9);
  },
);
