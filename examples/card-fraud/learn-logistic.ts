// Learns a logistic regression, transaction by transaction.
import { train } from "fedbus/consumers";
import { study } from "./studies.js";

export default train({ ...study, name: "fraud-logistic", model: "logistic" });
