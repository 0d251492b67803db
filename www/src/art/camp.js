// Shelter, sleep and seats of the camp.

import { IRON, LEATHER, WOOD, WOOL } from "./color.js";
import { box, fold, oval } from "./picture.js";

const peg = (p, x) => p.line(`M${x} 334L${x < 200 ? x - 4 : x + 4} 346`, IRON.main, 4);

function guy(p, path, x) {
  p.line(path, p.accent.main, 2, 0.9);
  peg(p, x);
}

function dome(p) {
  const fly = "M44 338Q84 150 200 110Q316 150 356 338Q200 350 44 338Z";
  p.shadow(34, 366);
  guy(p, "M82 236L26 338", 26);
  guy(p, "M318 236L374 338", 374);
  p.body(fly, {
    shade: "cloth",
    block: "M44 338Q62 250 100 200L130 342ZM356 338Q338 250 300 200L270 342Z",
    inside: `<path d="M200 110Q150 200 140 348L44 348V100Z" fill="#fff" opacity=".1"/><path d="M200 110Q268 190 286 348L360 348V100Z" fill="#1e140e" opacity=".16"/>${fold("M96 226Q88 280 90 334", 0.1)}${fold("M312 236Q318 290 314 334", 0.1)}`,
  });
  p.body("M200 148Q166 230 152 342Q200 348 248 342Q234 230 200 148Z", {
    tone: { ...p.base, main: p.base.night },
    shade: "flat",
  });
  p.add(`<ellipse cx="200" cy="318" rx="52" ry="44" fill="url(#art-glow)" opacity=".5"/>`);
  p.body("M200 148Q166 230 152 342L133 341Q142 240 200 148Z", { tone: p.accent, shade: "round" });
  p.body("M200 148Q234 230 248 342L258 342Q246 230 200 148Z", { tone: p.base, shade: "round" });
  p.line("M200 110Q196 124 200 148", p.base.deep, 2.5, 0.6);
  p.line("M62 338Q120 150 200 110Q280 150 338 338", p.base.pale, 4, 0.75);
  p.line("M200 110Q128 176 112 340M200 110Q272 176 288 340", p.base.deep, 1.6, 0.45);
  p.body("M170 121Q200 96 230 121Q216 132 200 132Q184 132 170 121Z", { tone: p.accent, shade: "down" });
}

function tunnel(p) {
  p.shadow(30, 372);
  guy(p, "M330 196L386 338", 386);
  guy(p, "M112 170L20 336", 20);
  p.body("M112 148Q170 128 236 146Q322 168 344 236Q358 290 360 338L112 342Z", {
    block: "M236 140Q190 210 196 344L284 344Q278 230 236 140Z",
    inside: `<path d="M112 250L360 262V345H112Z" fill="#1e140e" opacity=".12"/>${fold("M160 150Q150 240 156 336", 0.09)}${fold("M306 186Q322 260 322 336", 0.1)}`,
  });
  p.line("M196 138Q172 230 180 341M284 164Q276 250 284 341", p.base.pale, 4.5, 0.7);
  p.line("M199 138Q175 230 183 341M287 164Q279 250 287 341", p.base.deep, 1.6, 0.5);
  p.body("M40 340Q40 176 112 148Q176 176 178 340Q110 348 40 340Z", {
    shade: "cloth",
    block: "M40 340Q40 250 64 204L160 204Q178 250 178 340Z",
  });
  p.body("M68 341Q68 226 112 196Q154 226 154 341Q110 346 68 341Z", {
    tone: { ...p.base, main: p.base.night },
    shade: "flat",
  });
  p.add(`<ellipse cx="112" cy="310" rx="40" ry="44" fill="url(#art-glow)" opacity=".5"/>`);
  p.body("M68 341Q68 226 112 196Q88 250 84 342Z", { tone: p.accent, shade: "round" });
  p.line("M40 340Q40 176 112 148Q176 176 178 340", p.base.pale, 3.5, 0.75);
  p.body(box(226, 216, 40, 30, 8), { tone: p.accent, shade: "flat" });
}

function cabin(p) {
  p.shadow(34, 368);
  guy(p, "M352 202L388 338", 388);
  guy(p, "M52 202L14 338", 14);
  p.body("M196 206L346 206L352 340L196 342Z", {
    shade: "flat",
    inside: `<path d="M196 206H360V345H196Z" fill="#1e140e" opacity=".16"/>`,
  });
  p.body("M52 206L124 118L196 206L198 342L46 340Z", { shade: "cloth", pattern: true, block: "M40 280H200V345H40Z" });
  p.body("M124 118L286 112L358 208L198 212Z", {
    tone: p.accent,
    shade: "cloth",
    inside: fold("M200 130L262 208", 0.1) + fold("M260 118L330 206", 0.08),
  });
  p.line("M124 118L198 212M124 118L50 210", p.base.pale, 4, 0.8);
  p.body("M124 174Q154 220 158 342L90 341Q94 220 124 174Z", { tone: { ...p.base, main: p.base.night }, shade: "flat" });
  p.add(`<ellipse cx="124" cy="306" rx="34" ry="44" fill="url(#art-glow)" opacity=".7"/>`);
  p.body("M124 174Q154 220 158 342L172 342Q170 230 124 174Z", { tone: p.accent, shade: "round" });
  p.body(box(232, 240, 76, 44, 8), { tone: { ...p.base, main: p.base.night }, shade: "flat" });
  p.add(`<path d="${box(236, 244, 68, 36, 6)}" fill="#ffd98a" opacity=".45"/>`);
  p.line("M270 242V282M234 262H306", p.base.pale, 3, 0.8);
}

function tipi(p) {
  p.shadow(54, 346);
  p.line("M200 108L168 58M200 108L232 56M200 108L206 50", WOOD.dark, 7).line(
    "M199 106L168 58M199 106L231 56",
    WOOD.light,
    2.5,
    0.8,
  );
  p.body("M200 92Q246 220 340 336Q200 356 60 336Q154 220 200 92Z", {
    pattern: true,
    block: "M60 336Q110 276 140 226Q200 244 260 226Q290 276 340 336Q200 356 60 336Z",
    inside: `<path d="M204 92Q262 230 270 350H360V92Z" fill="#1e140e" opacity=".15"/>${fold("M190 130Q150 240 108 336", 0.1)}${fold("M214 140Q256 250 296 338", 0.1)}`,
  });
  p.body("M200 178Q226 260 240 347Q200 351 160 347Q174 260 200 178Z", {
    tone: { ...p.base, main: p.base.night },
    shade: "flat",
  });
  p.add(`<ellipse cx="200" cy="318" rx="42" ry="46" fill="url(#art-glow)" opacity=".8"/>`);
  p.body("M200 178Q174 260 160 347L140 345Q172 250 200 178Z", { tone: p.accent, shade: "round" });
  p.body("M200 178Q226 260 240 347L252 346Q224 250 200 178Z", { tone: p.base, shade: "round" });
  p.body("M188 122Q200 132 213 122L217 134Q200 146 183 134Z", { tone: p.accent, shade: "down" });
}

function tarp(p) {
  p.shadow(50, 352);
  p.bar("M318 154L322 342", WOOD, 8);
  guy(p, "M60 268L24 338", 24);
  guy(p, "M318 156L382 338", 382);
  p.line("M150 296L134 338", p.accent.main, 2);
  p.body("M60 266Q96 190 112 122Q220 156 318 152Q340 200 356 254Q250 258 152 298Q104 276 60 266Z", {
    shade: "cloth",
    inside: `<path d="M112 122Q220 156 318 152Q330 178 338 204Q220 196 92 196Z" fill="#fff" opacity=".12"/>${fold("M160 140Q128 220 118 276", 0.12)}${fold("M230 152Q232 210 224 268", 0.12)}${fold("M286 154Q304 210 310 254", 0.1)}`,
  });
  p.line("M112 122Q220 156 318 152M60 266Q104 276 152 298Q250 258 356 254", p.accent.main, 4);
  p.bar("M112 118L106 340", WOOD, 8);
  for (const [x, y] of [
    [60, 266],
    [152, 298],
    [356, 254],
    [112, 122],
    [318, 152],
  ]) {
    p.add(`<circle cx="${x}" cy="${y}" r="5" fill="${p.accent.pale}" stroke="${p.accent.deep}" stroke-width="2"/>`);
  }
}

function mummy(p) {
  p.shadow(116, 284, 352);
  const baffles = [176, 208, 240, 272, 302].map((y) => fold(`M110 ${y}Q200 ${y + 16} 290 ${y}`, 0.2)).join("");
  p.body(
    "M200 56C262 56 286 98 290 150C294 214 268 286 252 338Q200 362 148 338C132 286 106 214 110 150C114 98 138 56 200 56Z",
    {
      shade: "round",
      pattern: p.pattern === "quilted",
      block: "M100 248H300V362H100Z",
      inside: baffles + `<path d="M100 300H300V362H100Z" fill="#1e140e" opacity=".1"/>`,
    },
  );
  p.body("M200 74C242 74 258 98 258 124C258 158 232 172 200 172C168 172 142 158 142 124C142 98 158 74 200 74Z", {
    tone: p.accent,
    shade: "down",
  });
  p.body("M200 92C230 92 240 108 240 126C240 150 224 160 200 160C176 160 160 150 160 126C160 108 170 92 200 92Z", {
    tone: { ...p.accent, main: p.accent.deep },
    shade: "flat",
  });
  p.line("M252 156Q266 216 252 296", p.accent.light, 5).line("M252 156Q266 216 252 296", p.base.night, 1.6, 0.8);
  p.body(box(250, 150, 8, 20, 4), { tone: p.accent, shade: "flat" });
}

function openBag(p) {
  p.shadow(92, 312, 352);
  const quilt = [150, 196, 242, 288].map((y) => fold(`M90 ${y}Q200 ${y + 8} 312 ${y}`, 0.13)).join("");
  p.body(box(94, 62, 214, 286, 30), { tone: p.accent, shade: "flat" });
  p.body(box(118, 74, 166, 54, 22), { tone: WOOL, shade: "down" });
  p.body("M94 150Q150 128 308 196L308 318Q308 348 278 348H124Q94 348 94 318Z", { pattern: true, inside: quilt });
  p.body("M308 196Q240 158 186 142Q214 200 308 234Z", { tone: p.accent, shade: "cloth" });
  p.line("M186 142Q214 200 308 234", p.base.light, 4).line("M186 142Q214 200 308 234", p.base.night, 1.4, 0.7);
}

function rolledMat(p) {
  p.shadow(70, 346);
  p.body("M126 214L318 214C350 214 362 250 362 278C362 312 350 340 318 340L126 340Z", { shade: "down", pattern: true });
  for (const x of [196, 282]) {
    p.body(`M${x} 212Q${x + 30} 276 ${x} 342L${x + 16} 342Q${x + 46} 276 ${x + 16} 212Z`, {
      tone: IRON,
      shade: "down",
    });
    p.body(box(x + 14, 262, 22, 26, 5), { tone: p.accent, shade: "flat" });
  }
  p.body(oval(126, 277, 56, 63), { tone: p.base, shade: "ball" });
  p.line(
    "M126 277C130 270 138 278 132 288C122 300 104 288 108 268C114 244 150 246 154 276C156 308 120 324 98 304C74 280 88 234 126 232",
    p.accent.main,
    5,
    0.9,
  );
  p.line(
    "M126 277C130 270 138 278 132 288C122 300 104 288 108 268C114 244 150 246 154 276C156 308 120 324 98 304C74 280 88 234 126 232",
    p.base.night,
    1.4,
    0.4,
  );
}

function flatMat(p) {
  p.shadow(44, 362);
  const ribs = Array.from({ length: 9 }, (_, index) =>
    fold(`M${84 + index * 24} ${304 - index * 18}L${176 + index * 24} ${340 - index * 18}`, 0.2),
  ).join("");
  p.body("M44 296L246 140Q262 130 282 138L352 164Q366 172 354 186L170 336Q156 346 138 340L50 314Q36 306 44 296Z", {
    pattern: true,
    shade: "cloth",
    inside: ribs,
  });
  p.body("M246 140Q262 130 282 138L352 164Q366 172 354 186L316 217L208 170Z", {
    shade: "down",
    tone: { ...p.base, main: p.base.light },
    pattern: true,
  });
  p.fill("M44 296Q36 306 50 314L138 340Q156 346 170 336L170 346Q156 356 138 350L50 324Q34 316 44 296Z", p.base.deep);
  p.fill("M170 336L354 186Q360 180 359 174Q366 186 356 196L170 346Z", p.base.dark);
  p.body(oval(66, 306, 8, 6), { tone: p.accent, shade: "ball" });
}

function foldingChair(p) {
  p.shadow(84, 322);
  p.bar("M118 338L262 228M278 338L138 228", IRON, 8);
  p.bar("M296 338L310 120M110 338L92 120", IRON, 8);
  p.body("M90 112Q200 130 312 112L302 232Q200 252 100 232Z", {
    pattern: true,
    block: "M80 100H320V150H80Z",
    inside: fold("M140 122Q150 180 146 240", 0.1) + fold("M262 122Q252 180 256 240", 0.1),
  });
  p.body("M92 224Q200 252 310 224L318 254Q200 288 84 254Z", { pattern: true, shade: "down" });
  p.body(box(70, 200, 54, 15, 7), { tone: WOOD, shade: "down" });
  p.body(box(278, 200, 54, 15, 7), { tone: WOOD, shade: "down" });
  p.bar("M80 336H118M282 336H320", IRON, 7);
}

function directorChair(p) {
  p.shadow(82, 318);
  p.bar("M110 338L290 236M290 338L110 236", WOOD, 12);
  p.bar("M104 338H300", WOOD, 10);
  p.bar("M112 96L106 338M288 96L294 338", WOOD, 13);
  p.body("M104 104Q200 118 296 104L294 174Q200 186 106 174Z", {
    pattern: true,
    block: "M90 90H310V130H90Z",
    inside: fold("M150 108L148 180", 0.1) + fold("M252 108L254 180", 0.1),
  });
  p.body("M106 230Q200 246 294 230L296 256Q200 276 104 256Z", { pattern: true, shade: "down" });
  p.body(box(84, 200, 50, 16, 7), { tone: WOOD, shade: "down" });
  p.body(box(266, 200, 50, 16, 7), { tone: WOOD, shade: "down" });
}

function picnicBlanket(p) {
  p.shadow(64, 344);
  p.line("M140 218C140 130 266 130 266 218", LEATHER.dark, 13).line(
    "M140 218C140 130 266 130 266 218",
    LEATHER.light,
    5,
    0.7,
  );
  p.body("M112 214H304C340 214 352 250 352 277C352 312 340 340 304 340H112Z", {
    shade: "down",
    pattern: true,
    block: "M230 200H360V345H230Z",
  });
  for (const x of [134, 256]) {
    p.body(`M${x - 8} 210Q${x + 20} 276 ${x - 8} 344L${x + 10} 344Q${x + 38} 276 ${x + 10} 210Z`, {
      tone: LEATHER,
      shade: "down",
    });
    p.line(`M${x + 4} 268H${x + 28}V290H${x + 4}Z`, "#d8b46a", 4);
  }
  p.body(oval(112, 277, 52, 63), { shade: "ball" });
  p.line(
    "M112 277C118 268 128 280 120 290C106 300 92 284 98 266C108 244 142 254 140 284C136 314 96 320 82 294C70 262 86 232 112 230",
    p.accent.main,
    5,
  );
}

export const CAMP = {
  tent: { dome, tunnel, cabin, tipi, tarp },
  sleeping_bag: { mummy, blanket: openBag },
  mat: { rolled: rolledMat, flat: flatMat },
};
export const CAMP_SEATS = { folding: foldingChair, director: directorChair };
export { picnicBlanket };
