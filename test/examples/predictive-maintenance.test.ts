import { numberIn, testPlay } from "./played.js";

testPlay("predictive-maintenance", "nab", (t, { lines, isReal }) => {
  const predicted = numberIn(lines, /^mean error ([0-9.]+) degrees/);
  const unchanged = numberIn(lines, /^mean error ([0-9.]+) of/);
  t.ok(predicted < 0.95 * unchanged, `${predicted} degrees off, not ${unchanged}`);

  // A reading every five minutes, and a prediction every 15 once there is a model; a model every six hours.
  const readings = numberIn(lines, /^([0-9]+) readings/);
  const predictions = numberIn(lines, /([0-9]+) predictions/);
  const models = numberIn(lines, /by ([0-9]+) models/);
  t.ok(predictions > (readings / 3) * 0.7 && predictions < readings / 3);
  t.ok(models > (predictions / 24) * 0.8 && models <= predictions / 24 + 1);

  const alerts = lines.filter((line) => line.includes("deviations"));
  t.equal(alerts.length, numberIn(lines, /^([0-9]+) alerts received/));
  const troubles = alerts.filter((line) => line.endsWith("a trouble"));
  t.ok(troubles.length >= 1);
  if (isReal) t.ok(alerts.length - troubles.length <= 7, "false alarms in eleven weeks");
  else t.ok(lines.includes("1 of 1 troubles found"));
});
