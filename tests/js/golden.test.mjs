// The golden cases through the public API: the same integers here, natively, in browsers and in edge runtimes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import * as reshelve from "reshelve";
import { runGolden } from "../golden/run.mjs";
import { GOLDEN, readCases, wasm } from "./setup.mjs";

test("every golden case gives its order and its scores", async () => {
  const golden = await readCases();
  const { passed, failures } = await runGolden(reshelve, golden, (file) => readFile(path.join(GOLDEN, file)), { wasm });
  assert.deepEqual(failures, []);
  assert.equal(passed, golden.cases.length);
  assert.ok(passed > 0);
});
