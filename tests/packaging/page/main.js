import * as reshelve from "reshelve";
import { reorderPage } from "reshelve/html";
import { readToken } from "reshelve/token";
import { runPage } from "./golden.js";

// The page has neither list nor cookie.
globalThis.others = Promise.all([reorderPage(undefined), readToken(document.cookie)]);
runPage(reshelve);
