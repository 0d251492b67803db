import * as reshelve from "reshelve";
import { runPage } from "./golden.js";

runPage(reshelve);
