// Line icons on a grid of 24.

import { markup } from "./dom.js";

const PATHS = {
  search: '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
  heart: '<path d="M12 20s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 7.3a4.3 4.3 0 0 1 7.5 2.5C19.5 15.4 12 20 12 20z"/>',
  cart: '<path d="M5 8h14l-1.2 11.500H6.200zM8.5 8V7a3.5 3.5 0 0 1 7 0v1"/>',
  close: '<path d="M6 6l12 12M18 6L6 18"/>',
  shield:
    '<path d="M12 3.500l7 2.600v5.400c0 4.3-2.9 7.4-7 9-4.1-1.6-7-4.7-7-9V6.100z"/><path d="M9 12l2.2 2.200L15.2 10"/>',
  person: '<circle cx="12" cy="8.5" r="3.7"/><path d="M4.8 20c.7-4 3.6-6 7.2-6s6.5 2 7.2 6"/>',
  trash: '<path d="M5 7h14M10 7V5h4v2M7 7l.8 12.500h8.400L17 7M10.5 10.500v6M13.5 10.500v6"/>',
  plus: '<path d="M12 6v12M6 12h12"/>',
  minus: '<path d="M6 12h12"/>',
  check: '<path d="M5 12.500l4.5 4.500L19 7.5"/>',
  back: '<path d="M4.5 12a7.5 7.5 0 1 0 2.3-5.400L4.5 8.800M4.5 4.300v4.500H9"/>',
  warning: '<path d="M12 4.500l8.500 14.500h-17zM12 10v4M12 16.700v.1"/>',
  stop: '<circle cx="12" cy="12" r="8"/><path d="M12 8v5M12 15.700v.1"/>',
  more: '<path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="2.6"/>',
  hide: '<path d="M3.5 12c2-3.600 5-5.400 8.500-5.400s6.500 1.800 8.500 5.400c-2 3.600-5 5.400-8.500 5.400S5.500 15.600 3.500 12zM5 19L19 5"/>',
  less: '<path d="M5 7h14M7.500 12h9M10 17h4"/>',
  pause: '<path d="M9 6.500v11M15 6.500v11"/>',
  save: '<path d="M12 4.500v10.500M7.500 11l4.500 4.500 4.500-4.500M5 19.500h14"/>',
  open: '<path d="M12 15.500V5M7.500 9L12 4.500 16.500 9M5 19.500h14"/>',
  leaf: '<path d="M5 19.5C4 9.5 10 4.5 19.5 4.5 20 14 15 20 5 19.5zM5 19.5l8.5-8.5"/>',
};

/** @param {keyof typeof PATHS} name */
export const icon = (name) =>
  markup(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${PATHS[name]}</svg>`);
