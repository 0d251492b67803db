// What is worn and carried: jackets, sweaters, hats, rucksacks. Hung as on an invisible figure.

import { BRASS, IRON, LEATHER, RUBBER, WOOL } from "./color.js";
import { box, fold, line, mirror, oval } from "./picture.js";

const TORSO = "M160 92Q200 116 240 92L282 108Q296 160 288 214L290 330Q200 346 110 330L112 214Q104 160 118 108Z";
const LONG_TORSO = "M160 84Q200 106 240 84L280 100Q294 150 286 210L304 346Q200 362 96 346L114 210Q106 150 120 100Z";
const SLEEVE = "M120 107C92 116 80 150 74 196L52 308Q70 324 98 316L120 214Q128 160 136 122Z";

/** Both sleeves, with cuffs. */
function sleeves(p, surface, cuff = p.base) {
  for (const side of [(path) => path, mirror]) {
    p.body(side(SLEEVE), surface);
    p.body(side("M50 300Q72 316 102 306L98 330Q72 338 46 324Z"), { tone: cuff, shade: "flat" });
  }
}

const DRAPE =
  fold("M132 240Q140 290 134 336", 0.1) +
  fold("M268 236Q258 290 266 336", 0.1) +
  fold("M118 130Q140 170 138 210", 0.08);

/** Baffles of a down jacket: a swelling and a seam, again and again. */
const baffles = (top, bottom, step = 34) => {
  let rows = "";
  for (let y = top; y < bottom; y += step) {
    rows += `<path d="M20 ${y}Q200 ${y + 14} 380 ${y}V${y + step * 0.42}Q200 ${y + step * 0.42 + 14} 20 ${y + step * 0.42}Z" fill="#fff" opacity=".16"/><path d="M20 ${y + step * 0.62}Q200 ${y + step * 0.62 + 14} 380 ${y + step * 0.62}V${y + step}Q200 ${y + step + 14} 20 ${y + step}Z" fill="#1e140e" opacity=".2"/><path d="M20 ${y + step}Q200 ${y + step + 14} 380 ${y + step}" fill="none" stroke="#1e140e" stroke-opacity=".4" stroke-width="2"/>`;
  }
  return rows;
};

function zip(p, top, bottom, tone = p.accent) {
  p.line(`M200 ${top}V${bottom}`, p.base.deep, 8, 0.55).line(`M200 ${top}V${bottom}`, tone.main, 4);
  p.body(box(195, top + 8, 10, 20, 4), { tone, shade: "metal" });
}

function hood(p) {
  p.body("M138 98C126 40 170 16 200 16C230 16 274 40 262 98Q240 124 200 124Q160 124 138 98Z", {
    shade: "cloth",
    block: "M120 10H280V60H120Z",
  });
  p.body("M156 96C150 56 176 42 200 42C224 42 250 56 244 96Q226 114 200 114Q174 114 156 96Z", {
    tone: { ...p.base, main: p.base.night },
    shade: "flat",
  });
  p.line("M156 96C150 56 176 42 200 42C224 42 250 56 244 96", p.accent.main, 4, 0.9);
}

const pocket = (p, path) => p.line(path, p.base.deep, 5, 0.5).line(path, p.accent.main, 2.5, 0.95);

function hoodedJacket(p) {
  p.shadow(104, 296, 354);
  sleeves(p, { pattern: true, block: "M0 90H400V170H0Z" });
  p.body(TORSO, { pattern: true, block: "M90 80H310V176H90Z", inside: DRAPE });
  hood(p);
  p.line("M112 178Q200 196 288 178", p.base.deep, 2, 0.4);
  zip(p, 108, 336);
  pocket(p, "M140 262L152 308");
  pocket(p, "M260 262L248 308");
  p.line("M184 112Q180 140 184 158M216 112Q220 140 216 158", WOOL.main, 3);
  p.stitch("M112 318Q200 334 288 318");
}

function longCoat(p) {
  p.shadow(92, 308, 366);
  sleeves(p, { pattern: true, block: "M0 230H400V340H0Z" });
  p.body(LONG_TORSO, {
    pattern: true,
    block: "M80 232H320V370H80Z",
    inside: DRAPE + fold("M158 240Q150 300 140 350", 0.1) + fold("M246 240Q254 300 262 350", 0.1),
  });
  hood(p);
  p.body("M190 108H210L214 356Q200 358 186 356Z", { shade: "flat" });
  for (const y of [136, 180, 224, 268]) p.body(oval(200, y, 6), { tone: p.accent, shade: "ball" });
  for (const x of [130, 228])
    p.body(box(x, 246, 42, 46, 6), { shade: "flat", pattern: true }).body(
      `M${x - 2} 242H${x + 44}V258Q${x + 21} 266 ${x - 2} 258Z`,
      { shade: "flat" },
    );
}

function puffer(p) {
  p.shadow(98, 302, 354);
  const surface = {
    shade: "cloth",
    pattern: p.pattern === "check",
    inside: baffles(96, 340),
    block: "M0 90H400V168H0Z",
  };
  sleeves(p, surface);
  p.body("M158 88Q200 112 242 88L286 106Q304 160 296 214L298 328Q200 350 102 328L104 214Q96 160 114 106Z", {
    ...surface,
    inside: baffles(92, 345),
  });
  p.body("M152 94C148 60 168 48 200 48C232 48 252 60 248 94Q226 118 200 118Q174 118 152 94Z", {
    inside: baffles(52, 110, 26),
  });
  p.body("M166 66C172 58 186 56 200 56C214 56 228 58 234 66Q218 78 200 78Q182 78 166 66Z", {
    tone: p.accent,
    shade: "flat",
  });
  zip(p, 80, 338);
  pocket(p, "M136 270L148 312");
  pocket(p, "M264 270L252 312");
}

function vest(p) {
  p.shadow(104, 296, 354);
  p.body(
    "M146 90Q120 96 124 108C142 150 132 190 112 216L110 330Q200 346 290 330L288 216C268 190 258 150 276 108Q280 96 254 90Q228 116 200 116Q172 116 146 90Z",
    {
      inside: baffles(96, 340),
      pattern: p.pattern === "check",
      block: "M90 80H310V168H90Z",
    },
  );
  p.line("M124 108C142 150 132 190 112 216M276 108C258 150 268 190 288 216", p.accent.main, 5);
  p.body("M152 96C148 62 168 50 200 50C232 50 252 62 248 96Q226 120 200 120Q174 120 152 96Z", {
    inside: baffles(54, 110, 26),
  });
  p.body("M166 68C172 60 186 58 200 58C214 58 228 60 234 68Q218 80 200 80Q182 80 166 68Z", {
    tone: p.accent,
    shade: "flat",
  });
  zip(p, 82, 338);
  pocket(p, "M138 272L150 314");
  pocket(p, "M262 272L250 314");
}

/** Knitted hem and collar. */
const ribs = (left, right, top, bottom, color) =>
  Array.from(
    { length: Math.round((right - left) / 8) },
    (_, rib) => `<path d="M${left + rib * 8} ${top}V${bottom}" stroke="${color}" stroke-width="2.4" opacity=".3"/>`,
  ).join("");

function knit(p, { collar, hem = true } = {}) {
  p.shadow(104, 296, 354);
  const surface = { pattern: 0.85, block: "M0 90H400V180H0Z" };
  sleeves(
    p,
    { ...surface, inside: fold("M84 190Q96 240 80 300", 0.1) },
    hem ? { ...p.base, main: p.base.dark } : p.accent,
  );
  p.body(TORSO, { ...surface, inside: DRAPE });
  if (hem)
    p.body("M111 312Q200 330 289 312L290 336Q200 352 110 336Z", {
      tone: { ...p.base, main: p.base.dark },
      shade: "flat",
      inside: ribs(110, 296, 300, 356, p.base.night),
    });
  collar(p);
}

const roundCollar = (p) => {
  p.body("M158 90Q200 74 242 90Q232 126 200 128Q168 126 158 90Z", {
    tone: { ...p.base, main: p.base.night },
    shade: "flat",
  });
  p.body("M156 92Q164 134 200 136Q236 134 244 92L230 88Q226 118 200 119Q174 118 170 88Z", {
    tone: { ...p.base, main: p.base.dark },
    shade: "flat",
  });
};

const standCollar = (p) => {
  p.body("M156 94L160 54Q200 44 240 54L244 94Q224 116 200 116Q176 116 156 94Z", { shade: "round" });
  p.body("M162 58Q200 46 238 58Q220 70 200 70Q180 70 162 58Z", {
    tone: { ...p.base, main: p.base.night },
    shade: "flat",
  });
};

function fullZip(p) {
  knit(p, { collar: standCollar, hem: false });
  zip(p, 66, 340);
  pocket(p, "M138 258L150 304");
  pocket(p, "M262 258L250 304");
  p.body(box(228, 150, 42, 40, 6), { tone: p.accent, shade: "flat" }).line("M228 164H270", p.accent.deep, 2, 0.6);
}

function halfZip(p) {
  knit(p, { collar: standCollar, hem: false });
  zip(p, 66, 184);
  p.body(box(130, 150, 44, 42, 6), { tone: p.accent, shade: "flat" }).line("M130 164H174", p.accent.deep, 2, 0.6);
}

function cardigan(p) {
  knit(p, { collar: () => {} });
  p.body("M160 90Q200 76 240 90L206 210H194Z", { tone: { ...p.base, main: p.base.night }, shade: "flat" });
  p.body("M158 90L192 206L190 344H206L210 206L242 90L252 95L220 212L218 348Q200 350 182 348L180 212L148 95Z", {
    tone: { ...p.base, main: p.base.dark },
    shade: "flat",
  });
  for (const y of [222, 252, 282, 312]) p.body(oval(200, y, 6), { tone: p.accent, shade: "ball" });
  for (const x of [126, 232])
    p.body(box(x, 252, 42, 46, 6), { shade: "flat", pattern: 0.85 }).line(`M${x} 262H${x + 42}`, p.base.deep, 2, 0.5);
}

function rollneck(p) {
  knit(p, {
    collar: () =>
      p
        .body("M154 96C150 70 158 52 162 46Q200 34 238 46C242 52 250 70 246 96Q226 122 200 122Q174 122 154 96Z", {
          shade: "round",
          inside: ribs(150, 256, 30, 126, p.base.night),
        })
        .body("M163 48Q200 36 237 48Q220 60 200 60Q180 60 163 48Z", {
          tone: { ...p.base, main: p.base.night },
          shade: "flat",
        }),
  });
}

function baseLayer(p) {
  knit(p, { collar: roundCollar, hem: false });
  p.stitch("M120 108Q134 160 112 214M280 108Q266 160 288 214", p.accent.main, 0.9);
  p.stitch("M111 320Q200 336 289 320", p.base.deep, 0.5);
  p.body(box(252, 292, 22, 14, 3), { tone: p.accent, shade: "flat" });
}

/** Ends of yarn around a bobble. */
const wool = (tone) =>
  Array.from({ length: 34 }, (_, end) => {
    const [x, y] = [Math.cos(end * 0.185), Math.sin(end * 0.185)];
    const reach = 41 + ((end * 7) % 5);
    const [from, to] = [0.72, 1].map(
      (share) => `${(200 + reach * share * x).toFixed(1)} ${(88 + reach * 0.95 * share * y).toFixed(1)}`,
    );
    return line(`M${from}L${to}`, [tone.main, tone.light, tone.dark][end % 3], 4.5, 0.9);
  }).join("");

function beanie(p, bobble = false) {
  p.shadow(88, 314);
  if (bobble) p.body(oval(200, 88, 40, 38), { tone: p.accent, shade: "ball" });
  if (bobble) p.add(wool(p.accent));
  p.body("M92 276C88 160 138 106 200 106C262 106 312 160 308 276Q200 300 92 276Z", {
    pattern: true,
    shade: "ball",
    inside: fold("M150 130Q122 190 124 270", 0.08) + fold("M248 130Q280 190 276 270", 0.08),
  });
  p.body("M82 262Q200 288 318 262Q328 292 318 326Q200 356 82 326Q72 292 82 262Z", {
    tone: bobble ? p.accent : { ...p.base, main: p.base.dark },
    shade: "round",
    inside: ribs(78, 326, 250, 356, "#1e140e"),
  });
  p.body("M258 292L296 286L298 312L262 320Z", { tone: LEATHER, shade: "flat" });
}

/** Shoulder straps that show behind a rucksack. */
const straps = (p) =>
  p
    .line("M150 96C92 120 92 260 128 318M250 96C308 120 308 260 272 318", p.base.deep, 18)
    .line("M148 96C90 120 90 260 126 318", p.base.light, 4, 0.5);
const grip = (p, y) => p.line(`M176 ${y}C176 ${y - 34} 224 ${y - 34} 224 ${y}`, p.base.night, 9);
const buckle = (p, x, y) => p.body(box(x - 11, y - 8, 22, 18, 5), { tone: RUBBER, shade: "flat" });

function trekkingPack(p) {
  p.shadow(104, 300, 350);
  straps(p);
  p.body("M78 300Q112 282 124 300L128 330Q100 336 78 326Z", { tone: p.accent, shade: "round" }).body(
    "M322 300Q288 282 276 300L272 330Q300 336 322 326Z",
    { tone: p.accent, shade: "round" },
  );
  grip(p, 66);
  p.body("M126 118Q200 100 274 118L284 322Q282 350 252 350H148Q118 350 116 322Z", {
    shade: "round",
    block: "M100 240H300V352H100Z",
    inside: fold("M130 190Q200 204 270 190", 0.12),
  });
  p.body("M92 214Q104 206 120 212L122 318Q104 322 94 312Z", { shade: "round" }).body(
    "M308 214Q296 206 280 212L278 318Q296 322 306 312Z",
    { shade: "round" },
  );
  p.body("M136 222Q200 210 264 222L268 320Q264 336 244 336H156Q136 336 132 320Z", {
    shade: "cloth",
    tone: p.pattern === "colorblock" ? p.accent : p.base,
  });
  p.line("M140 238Q200 228 260 238", p.base.night, 3, 0.6);
  p.line("M160 150V226M240 150V226", RUBBER.main, 9);
  p.body("M122 122C118 74 150 58 200 58C250 58 282 74 278 122Q284 148 264 152Q200 164 136 152Q116 148 122 122Z", {
    tone: p.accent,
    shade: "down",
    inside: fold("M130 122Q200 138 270 122", 0.12),
  });
  buckle(p, 160, 186);
  buckle(p, 240, 186);
  p.line("M272 250L264 330", WOOL.main, 3);
  p.line("M116 250L94 296M284 250L306 296", RUBBER.main, 4, 0.7);
}

function daypack(p) {
  p.shadow(100, 302);
  straps(p);
  grip(p, 92);
  p.body("M116 170C116 112 150 88 200 88C250 88 284 112 284 170L294 306Q296 340 262 342H138Q104 340 106 306Z", {
    shade: "round",
    pattern: true,
    block: "M90 80H310V206H90Z",
  });
  p.line("M128 190C124 124 160 104 200 104C240 104 276 124 272 190", p.base.deep, 7, 0.6).line(
    "M128 190C124 124 160 104 200 104C240 104 276 124 272 190",
    p.accent.main,
    3,
  );
  p.body("M128 224Q200 210 272 224L278 306Q278 328 252 328H148Q122 328 122 306Z", {
    shade: "cloth",
    tone: p.pattern === "colorblock" ? p.accent : p.base,
    pattern: true,
  });
  p.line("M132 246Q200 234 268 246", p.base.deep, 6, 0.6).line("M132 246Q200 234 268 246", p.accent.light, 2.5);
  p.body(box(258, 240, 9, 26, 4), { tone: LEATHER, shade: "flat" });
  p.body("M178 160H222V188H178Z", { tone: LEATHER, shade: "flat" });
  p.stitch("M183 165H217V183H183Z", WOOL.main, 0.8);
}

function rolltop(p) {
  p.shadow(104, 300);
  straps(p);
  p.body("M116 134H284L294 314Q294 342 262 342H138Q106 342 106 314Z", {
    shade: "round",
    pattern: true,
    block: "M90 236H310V345H90Z",
    inside: fold("M130 150Q140 200 134 330", 0.08) + fold("M268 150Q260 200 266 330", 0.1),
  });
  p.body("M104 88Q104 76 116 76H284Q296 76 296 88V104Q296 116 284 116H116Q104 116 104 104Z", {
    shade: "down",
    pattern: true,
  });
  p.body("M110 112H290L286 142Q200 154 114 142Z", {
    shade: "flat",
    tone: { ...p.base, main: p.base.dark },
    pattern: true,
  });
  p.line("M200 78V210", LEATHER.dark, 17).line("M198 78V210", LEATHER.light, 5, 0.5);
  p.body(box(187, 178, 26, 30, 4), { tone: BRASS, shade: "metal" });
  p.body("M130 232Q200 222 270 232L274 306Q272 324 252 324H148Q128 324 126 306Z", {
    shade: "cloth",
    tone: p.pattern === "colorblock" ? p.accent : p.base,
    pattern: true,
  });
  p.line("M132 250Q200 240 268 250", p.base.deep, 3, 0.5);
}

function cityPack(p) {
  p.shadow(100, 300);
  straps(p);
  grip(p, 84);
  p.body(box(110, 82, 180, 260, 34), { shade: "round", pattern: true, block: "M90 210H310V345H90Z" });
  p.body("M110 122Q110 82 150 82H250Q290 82 290 122V204Q200 224 110 204Z", {
    shade: "down",
    tone: p.base,
    pattern: true,
  });
  p.line("M110 204Q200 224 290 204", p.base.deep, 3, 0.5);
  for (const x of [154, 246]) {
    p.body(box(x - 9, 168, 18, 76, 5), { tone: LEATHER, shade: "flat" });
    p.body(box(x - 12, 212, 24, 18, 3), { tone: BRASS, shade: "metal" });
  }
  p.body(box(134, 256, 132, 66, 10), {
    shade: "cloth",
    pattern: true,
    tone: p.pattern === "colorblock" ? p.accent : p.base,
  });
  p.line("M140 272H260", p.base.deep, 5, 0.5).line("M140 272H260", IRON.pale, 2, 0.8);
}

export const WEAR = {
  jacket: { hooded: hoodedJacket, long: longCoat, puffer, vest },
  sweater: {
    crew: (p) => knit(p, { collar: roundCollar }),
    cardigan,
    rollneck,
    zip: fullZip,
    halfzip: halfZip,
    base: baseLayer,
  },
  hat: { beanie: (p) => beanie(p), bobble: (p) => beanie(p, true) },
  backpack: { trekking: trekkingPack, day: daypack, rolltop, city: cityPack },
};
