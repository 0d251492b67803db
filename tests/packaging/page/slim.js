import * as reshelve from "reshelve/slim";
import { runPage } from "./golden.js";

runPage(reshelve, { wasm: new URL("./reshelve.wasm", import.meta.url) });
