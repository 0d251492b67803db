import * as reshelve from "reshelve/slim";
import { reorderPage } from "reshelve/html";
import { readToken } from "reshelve/token";
import { runPage } from "./golden.js";

globalThis.others = Promise.all([reorderPage(undefined), readToken(document.cookie)]);
runPage(reshelve, { wasm: new URL("./reshelve.wasm", import.meta.url) });
