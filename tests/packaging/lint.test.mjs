// The tarball as the linters of packages see it.

import test from "node:test";
import { runTool } from "./project.mjs";

test("publint finds nothing", () => runTool("publint/src/cli.js", ["--strict", process.env.RESHELVE_TARBALL]));

test("attw finds every type from ES modules", () =>
  runTool("@arethetypeswrong/cli/dist/index.js", ["--profile", "esm-only", process.env.RESHELVE_TARBALL]));
