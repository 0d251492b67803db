// The view from the entrance: a moor at dusk, a tent, a house with a light on. Its colors are the theme's.

import { markup } from "../ui/dom.js";

const stars = [
  [90, 60],
  [180, 34],
  [300, 76],
  [420, 30],
  [560, 66],
  [690, 26],
  [800, 58],
  [930, 34],
  [1050, 70],
  [1140, 28],
  [240, 120],
  [640, 112],
  [980, 118],
]
  .map(([x, y], index) => `<circle cx="${x}" cy="${y}" r="${index % 3 ? 1.4 : 2.1}"/>`)
  .join("");

const grass = Array.from({ length: 40 }, (_, index) => {
  const x = 10 + index * 31 + ((index * 37) % 17);
  const y = 470 + ((index * 53) % 40);
  return `M${x} ${y}q-3 -14 -8 -20M${x + 3} ${y}q1 -16 5 -24M${x + 6} ${y}q5 -10 11 -14`;
}).join("");

export const landscape = () =>
  markup(`<svg class="landscape" viewBox="0 0 1200 520" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
  <defs>
    <linearGradient id="land-sky" x1="0" y1="0" x2="0" y2="1"><stop class="sky-high" offset="0"/><stop class="sky-middle" offset=".62"/><stop class="sky-low" offset="1"/></linearGradient>
    <radialGradient id="land-sun"><stop class="sun" offset="0"/><stop class="sun" offset=".22"/><stop class="sun" offset=".24" stop-opacity=".32"/><stop class="sun" offset="1" stop-opacity="0"/></radialGradient>
    <radialGradient id="land-fire"><stop offset="0" stop-color="#ffdf9a"/><stop offset=".3" stop-color="#ffb84f" stop-opacity=".55"/><stop offset="1" stop-color="#ff9d3c" stop-opacity="0"/></radialGradient>
    <linearGradient id="land-near" x1="0" y1="0" x2="0" y2="1"><stop class="near-high" offset="0"/><stop class="near-low" offset="1"/></linearGradient>
    <linearGradient id="land-middle" x1="0" y1="0" x2="0" y2="1"><stop class="middle-high" offset="0"/><stop class="middle-low" offset="1"/></linearGradient>
    <linearGradient id="land-tent" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#f0a04a"/><stop offset="1" stop-color="#b4522a"/></linearGradient>
  </defs>
  <rect width="1200" height="520" fill="url(#land-sky)"/>
  <g class="stars">${stars}</g>
  <circle cx="910" cy="150" r="200" fill="url(#land-sun)"/>
  <path class="ridge-far" d="M0 318L90 286L160 300L262 262L340 296L430 262L520 290L610 236L690 268L772 186L830 232L890 204L960 258L1040 176L1110 226L1200 190V520H0Z"/>
  <path class="ridge-snow" d="M772 186L738 216L758 216L771 204L786 220L802 210ZM1040 176L1008 208L1028 206L1040 194L1058 212L1075 202Z"/>
  <path class="ridge-mid" d="M0 340Q120 276 250 318Q360 266 500 326Q640 286 760 330Q900 276 1020 318Q1110 292 1200 312V520H0Z"/>
  <path fill="url(#land-middle)" d="M0 392Q160 340 330 378Q520 336 700 384Q880 344 1200 372V520H0Z"/>
  <g class="firs"><path d="M1010 368l14 -46l14 46zM1014 346l10 -34l10 34zM1044 368l18 -62l18 62zM1048 340l14 -46l14 46zM1088 370l13 -42l13 42zM1122 372l16 -54l16 54zM1126 348l12 -40l12 40z"/></g>
  <g><path class="house" d="M946 366V326L974 302L1002 326V366Z"/><path class="roof" d="M938 330L974 296L1010 330L1004 334L974 306L944 334Z"/><path class="house" d="M986 300V286H994V310Z"/>
  <circle cx="974" cy="340" r="44" fill="url(#land-fire)" opacity=".8"/><path fill="#ffdf9a" d="M966 332H982V350H966Z"/><path class="house" d="M973 332H975V350H973ZM966 340H982V342H966Z"/>
  <path class="smoke" d="M990 284C980 270 1000 262 990 246C982 234 996 226 990 212"/></g>
  <path fill="url(#land-near)" d="M0 450Q220 396 460 436Q720 392 940 440Q1080 414 1200 428V520H0Z"/>
  <g transform="translate(250 0)"><ellipse cx="452" cy="452" rx="170" ry="16" fill="#000" opacity=".22"/>
  <circle cx="440" cy="404" r="150" fill="url(#land-fire)" opacity=".55"/>
  <path d="M330 448Q366 336 436 306Q520 340 566 448Q450 458 330 448Z" fill="url(#land-tent)"/>
  <path d="M436 306Q410 370 398 452Q440 454 482 452Q470 370 436 306Z" fill="#5a2414"/><path d="M436 330Q418 386 412 452Q440 454 468 452Q460 386 436 330Z" fill="#ffd98a"/>
  <path d="M436 306Q410 370 398 452L384 451Q398 366 436 306Z" fill="#f5c27c"/><path d="M436 306Q520 340 566 448L524 451Q500 360 436 306Z" fill="#1e140e" opacity=".2"/>
  <path d="M352 392L318 452M546 392L588 452" stroke="#f3e2c4" stroke-width="1.6" opacity=".8"/>
  <g transform="translate(612 430)"><circle r="64" fill="url(#land-fire)"/><path d="M-14 16L14 8M-14 8L14 16" stroke="#4a2f1c" stroke-width="5" stroke-linecap="round"/><path d="M0 -22C6 -10 14 -4 9 8Q0 14 -9 8C-14 -4 -5 -8 0 -22Z" fill="#ff9d3c"/><path d="M0 -8C3 -2 7 2 4 8Q0 11 -4 8C-7 2 -2 0 0 -8Z" fill="#ffe6a3"/></g></g>
  <path class="grass" d="${grass}"/>
  <g class="birds"><path d="M640 128q12 -12 22 0q10 -12 22 0M706 96q9 -9 16 0q8 -9 16 0M720 150q8 -8 14 0q7 -8 14 0"/></g>
</svg>`);
