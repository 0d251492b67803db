// Boots, in pairs: the far one a little higher and darker.

import { BRASS, RUBBER, WOOL, tones } from "./color.js";
import { box, fold } from "./picture.js";

const SOLE = "M62 316H326Q340 316 340 330V342Q340 352 326 352H292L284 342H226L216 352H84Q58 352 56 332Z";

const pair = (boot) => (p) => {
  p.shadow(66, 344, 346);
  for (const front of [false, true]) {
    p.add(`<g transform="translate(${front ? 3 : 50} ${front ? 26 : 8}) scale(.91)">`);
    boot(p, front ? p.base : { ...p.base, main: p.base.dark });
    p.add("</g>");
  }
};

/** Treads under a sole. */
const treads = (p) => {
  for (let x = 74; x < 330; x += 22) if (x < 206 || x > 290) p.line(`M${x} 344V352`, "#000", 6, 0.35);
};

const laces = (p, steps) => {
  for (const [x, y] of steps) {
    p.line(`M${x - 14} ${y + 4}L${x + 22} ${y - 8}`, p.accent.main, 5);
    p.add(
      `<circle cx="${x + 24}" cy="${y - 8}" r="4.5" fill="${BRASS.main}" stroke="${BRASS.deep}" stroke-width="1.5"/>`,
    );
  }
};

function hiking(p, tone) {
  p.body("M196 96Q250 80 318 98L322 200Q334 262 334 320H64C54 276 84 262 126 250C170 238 192 214 196 170Z", {
    tone,
    block: "M60 320V284Q150 268 210 320ZM240 80H330V160Q280 150 240 166Z",
    inside: fold("M200 196Q244 214 322 204", 0.16) + fold("M150 244Q172 260 176 316", 0.1),
  });
  p.body("M62 320C52 282 76 268 108 262Q132 286 132 320Z", {
    tone: { ...p.accent, main: p.accent.dark },
    shade: "ball",
  });
  p.body("M290 318Q286 256 318 226Q334 270 334 320Z", { tone: { ...p.accent, main: p.accent.dark }, shade: "round" });
  p.body("M192 104Q250 84 320 102L318 84Q250 64 188 88Z", { tone: p.accent, shade: "down" });
  p.line("M196 100L198 168Q196 214 140 246", tone.night, 3, 0.5);
  laces(p, [
    [206, 128],
    [208, 152],
    [206, 178],
    [196, 206],
    [174, 228],
    [148, 244],
  ]);
  p.body(SOLE, { tone: RUBBER, shade: "down" });
  p.line("M62 318H334", p.accent.main, 5, 0.9);
  treads(p);
}

function low(p, tone) {
  p.body(
    "M204 212Q220 190 240 186Q278 212 314 174L334 180Q344 250 336 320H64C52 276 88 262 132 250C172 238 192 226 204 212Z",
    {
      tone,
      block: "M60 320V290Q150 268 220 320Z",
      inside: fold("M150 248Q176 270 184 318", 0.12),
    },
  );
  p.body("M62 320C52 282 76 268 108 262Q132 286 132 320Z", {
    tone: { ...p.accent, main: p.accent.dark },
    shade: "ball",
  });
  p.body("M204 212Q220 190 240 186Q278 212 314 174L322 196Q284 232 238 214Z", { tone: p.accent, shade: "down" });
  p.body("M316 172L334 170L340 204L326 204Z", { tone: p.accent, shade: "flat" });
  laces(p, [
    [218, 214],
    [198, 230],
    [174, 240],
    [150, 248],
  ]);
  p.body("M190 318Q220 268 262 214L300 208Q268 270 254 318Z", { tone: { ...tone, main: tone.dark }, shade: "flat" });
  p.body(SOLE, { tone: RUBBER, shade: "down" });
  p.line("M62 318H334", p.accent.main, 5, 0.9);
  treads(p);
}

function winter(p, tone) {
  p.body("M190 84Q250 70 322 86L324 210Q336 262 334 320H64C54 272 88 258 128 246C172 232 188 208 190 166Z", {
    tone,
    block: "M180 70H330V180Q250 168 180 184Z",
    inside: fold("M196 196Q250 216 324 206", 0.16),
  });
  p.body("M60 320C50 266 96 256 142 244Q214 300 340 288V320Z", { tone: RUBBER, shade: "cloth" });
  p.body("M182 96Q176 66 196 62Q254 46 316 62Q336 68 328 98Q254 80 182 96Z", { tone: WOOL, shade: "ball" });
  for (let x = 190; x < 326; x += 13) p.line(`M${x} ${88 - (x % 3)}q6 -12 4 -24`, "#b9ab90", 3, 0.6);
  laces(p, [
    [202, 126],
    [204, 152],
    [202, 178],
    [192, 206],
    [170, 228],
  ]);
  p.body(SOLE, { tone: RUBBER, shade: "down" });
  treads(p);
}

function chelsea(p, tone) {
  p.body("M196 92Q254 80 318 94L320 210Q332 262 330 318H66C54 272 92 258 134 244C176 228 194 206 196 166Z", {
    tone,
    inside: fold("M150 242Q176 262 182 316", 0.12) + fold("M210 204Q240 232 242 300", 0.06),
  });
  p.body("M228 96Q254 92 284 96Q282 190 256 226Q230 190 228 96Z", { tone: p.accent, shade: "round" });
  for (let x = 236; x < 284; x += 8)
    p.line(`M${x} 98Q${x + (256 - x) * 0.1} 160 ${x + (256 - x) * 0.7} 204`, p.accent.deep, 2, 0.4);
  p.line("M196 104Q254 90 318 104", tone.deep, 3, 0.5);
  p.body(box(306, 62, 16, 46, 7), { tone: p.accent, shade: "flat" });
  p.stitch("M66 306H330", tone.pale, 0.8);
  p.body("M64 314H332Q340 314 340 324V336Q340 350 326 350H262V338H214L206 346H84Q58 346 58 328Z", {
    tone: tones("#5a4330"),
    shade: "down",
  });
}

export const BOOTS = { boot: { hiking: pair(hiking), low: pair(low), winter: pair(winter), chelsea: pair(chelsea) } };
