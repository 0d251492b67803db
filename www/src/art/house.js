// Soft things and seats for the house.

import { WOOD, WOOL } from "./color.js";
import { box, fold, oval } from "./picture.js";

const FRINGE = Array.from({ length: 22 }, (_, index) => 104 + index * 9.4);

function throwBlanket(p) {
  p.shadow(84, 318, 352);
  p.body("M118 92H300L306 326Q210 338 124 326Z", {
    tone: { ...p.base, main: p.base.dark },
    shade: "flat",
    pattern: true,
  });
  p.body("M94 96Q200 84 300 96C296 160 306 230 306 300Q200 314 92 300C92 230 100 160 94 96Z", {
    pattern: true,
    inside:
      fold("M132 96Q120 200 130 306", 0.15) +
      fold("M196 92Q210 200 196 308", 0.12) +
      fold("M262 94Q250 200 266 306", 0.15),
  });
  for (const x of FRINGE)
    if (x < 306) p.line(`M${x - 6} 300L${x - 8} 330`, x % 2 < 1 ? p.accent.main : p.base.dark, 3.4, 0.95);
  p.bar("M60 92H340", WOOD, 14);
}

function squareCushion(p) {
  p.shadow(84, 316);
  p.body("M98 112Q200 92 302 112Q322 220 306 328Q200 352 94 328Q78 220 98 112Z", {
    shade: "ball",
    pattern: true,
    inside:
      fold("M100 114Q136 150 150 186", 0.12) +
      fold("M300 116Q270 150 254 178", 0.1) +
      fold("M96 326Q130 300 146 272", 0.12) +
      fold("M304 326Q276 300 258 276", 0.12),
  });
  p.line("M98 112Q200 92 302 112Q322 220 306 328Q200 352 94 328Q78 220 98 112Z", p.accent.main, 4, 0.85);
}

function roundedCushion(p) {
  p.shadow(66, 336);
  p.body(
    "M112 190Q200 168 290 190C340 196 350 240 346 270C344 318 320 338 280 338Q200 348 120 338C80 338 56 318 54 270C50 240 62 196 112 190Z",
    {
      shade: "ball",
      pattern: true,
      inside:
        fold("M74 218Q110 236 120 262", 0.12) +
        fold("M330 218Q292 236 284 262", 0.12) +
        fold("M90 326Q120 306 132 290", 0.1),
    },
  );
  p.line("M56 270Q200 300 346 270", p.base.deep, 2, 0.35);
  p.body("M330 236L356 232L356 258L334 258Z", { tone: p.accent, shade: "flat" });
}

function bolster(p) {
  p.shadow(62, 344);
  p.body("M108 222H312C344 222 354 256 354 281C354 312 344 340 312 340H108Z", {
    shade: "down",
    pattern: true,
    inside: fold("M150 222Q168 280 150 340", 0.08) + fold("M300 222Q322 280 300 340", 0.1),
  });
  p.body(oval(108, 281, 48, 59), { shade: "ball" });
  for (let spoke = 0; spoke < 12; spoke += 1) {
    const angle = (spoke * Math.PI) / 6;
    const [x, y] = [108 + 40 * Math.cos(angle), 281 + 50 * Math.sin(angle)];
    p.line(`M108 281L${x.toFixed(1)} ${y.toFixed(1)}`, p.base.deep, 1.8, 0.4);
  }
  p.body(oval(108, 281, 9, 11), { tone: p.accent, shade: "ball" });
  p.line("M108 222C138 222 156 250 156 281C156 312 138 340 108 340", p.accent.main, 4, 0.9);
}

function armchair(p) {
  p.shadow(66, 334, 346);
  p.bar("M108 310L98 346M292 310L302 346M150 318L148 338M250 318L252 338", WOOD, 12);
  p.body("M112 96Q200 74 288 96C304 150 302 220 296 264H104C98 220 96 150 112 96Z", {
    pattern: true,
    inside: fold("M200 88V260", 0.06) + fold("M118 240Q200 262 284 240", 0.16),
  });
  p.body("M104 240Q200 226 296 240C306 262 304 286 298 296H102C96 286 94 262 104 240Z", {
    shade: "down",
    pattern: true,
  });
  p.body("M104 288H296L292 322H108Z", { tone: { ...p.base, main: p.base.dark }, shade: "flat", pattern: true });
  p.body("M58 210Q58 186 84 186Q112 186 112 212V318H80Q62 318 62 296Z", { shade: "round", pattern: true });
  p.body("M342 210Q342 186 316 186Q288 186 288 212V318H320Q338 318 338 296Z", { shade: "round", pattern: true });
  p.body(box(226, 196, 60, 54, 14), { tone: p.accent, shade: "ball" });
}

function rockingChair(p) {
  p.shadow(58, 342, 350);
  p.line("M52 322Q190 372 350 318", WOOD.dark, 12).line("M52 319Q190 367 350 315", WOOD.light, 4, 0.7);
  p.bar("M124 258L112 336M276 258L290 332", WOOD, 12);
  p.bar("M104 82L132 262M262 74L284 254", WOOD, 13);
  p.body("M112 90Q186 74 256 84L276 238Q200 246 132 246Z", {
    pattern: true,
    inside: fold("M160 90L176 240", 0.1) + fold("M216 86L234 238", 0.1),
  });
  p.body("M116 240Q208 226 298 238Q314 252 308 270Q210 288 124 276Q108 262 116 240Z", { shade: "down", pattern: true });
  p.bar("M122 190Q210 196 324 184M318 186L306 262", WOOD, 11);
}

function stool(p) {
  p.shadow(110, 292, 348);
  p.bar("M200 206L200 338", { ...WOOD, main: WOOD.dark }, 14);
  p.bar("M148 206L116 346M252 206L284 346", WOOD, 16);
  p.bar("M134 288H266", WOOD, 9);
  p.body("M96 182Q96 164 200 164Q304 164 304 182V196Q304 218 200 218Q96 218 96 196Z", {
    shade: "round",
    pattern: true,
  });
  p.body(oval(200, 180, 104, 19), { tone: { ...p.base, main: p.base.light }, shade: "flat", pattern: true });
}

/** One sock, pointing to the left. */
const SOCK = {
  crew: "M178 70H262L266 220C268 262 250 292 214 306L142 334C112 344 88 330 88 308C88 292 100 282 120 274L156 256C172 248 178 236 178 214Z",
  knee: "M184 34H262C272 110 262 160 268 226C270 268 250 296 214 310L142 336C112 346 88 332 88 310C88 294 100 284 120 276L158 258C174 250 182 238 180 214C176 160 172 110 184 34Z",
  house:
    "M168 116H262L268 226C270 270 250 296 214 306L140 336C106 346 78 334 80 306C82 288 98 280 118 272L150 256C164 248 168 236 168 214Z",
};

/** Heel and toe, which are knitted in the accent color. */
const HEEL = "M272 214Q232 236 246 296L276 300Z";
const TOE = "M132 262Q120 300 142 342L60 350L74 280Z";

function socks(form, cuffTop, cuffBottom, left) {
  return (p) => {
    p.shadow(84, 330);
    for (const front of [false, true]) {
      p.add(`<g transform="translate(${front ? -6 : 62} ${front ? 4 : -8})">`);
      p.body(SOCK[form], {
        pattern: 0.75,
        shade: "cloth",
        tone: front ? p.base : { ...p.base, main: p.base.dark },
        inside: `<path d="${HEEL}" fill="${p.accent.main}" opacity=".92"/><path d="${TOE}" fill="${p.accent.main}" opacity=".92"/><path d="M${left - 12} ${cuffTop}H280V${cuffBottom}H${left - 12}Z" fill="${p.accent.main}" opacity=".92"/><path d="${SOCK[form]}" fill="url(#art-cloth)"/>${Array.from(
          { length: 12 },
          (_, rib) =>
            `<path d="M${left + rib * 8} ${cuffTop}V${cuffBottom}" stroke="${p.accent.deep}" stroke-width="2" opacity=".35"/>`,
        ).join("")}`,
      });
      p.add("</g>");
    }
  };
}

function slipper(p) {
  p.shadow(44, 356);
  for (const front of [false, true]) {
    p.add(`<g transform="translate(${front ? -10 : 34} ${front ? 2 : -44})">`);
    p.body("M56 318C54 342 78 348 120 348H316C348 348 352 330 348 314Z", { tone: WOOD, shade: "down" });
    p.body(
      "M60 316C56 270 112 258 160 240C190 228 204 208 214 186Q282 168 336 196C352 240 352 290 348 318Q200 334 60 316Z",
      { pattern: 0.75 },
    );
    p.body("M214 186Q282 168 336 196Q326 222 284 224Q236 224 214 186Z", { tone: WOOL, shade: "down" });
    p.stitch("M160 242Q196 262 204 322", p.accent.main, 0.9);
    p.add("</g>");
  }
}

export const HOUSE = {
  cushion: { square: squareCushion, rounded: roundedCushion, bolster },
  socks: {
    crew: socks("crew", 66, 108, 178),
    knee: socks("knee", 28, 74, 184),
    house: socks("house", 110, 152, 168),
    slipper,
  },
};
export const HOUSE_SEATS = { armchair, rocking: rockingChair, stool };
export { throwBlanket };
