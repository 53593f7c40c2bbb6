import type { QueryName } from "../oracle/sql-queries.js";
import q0 from "./q0.js";
import q1 from "./q1.js";
import q2 from "./q2.js";
import q3 from "./q3.js";
import q4 from "./q4.js";
import q5 from "./q5.js";
import q6 from "./q6.js";
import q7 from "./q7.js";
import q8 from "./q8.js";
import q9 from "./q9.js";
import q11 from "./q11.js";
import q12 from "./q12.js";
import type { Query } from "./query.js";

/** All queries, by name. */
export const queries: Readonly<Record<QueryName, Query>> = {
  q0,
  q1,
  q2,
  q3,
  q4,
  q5,
  q6,
  q7,
  q8,
  q9,
  q11,
  q12,
};
