// Elements in one expression.

/**
 * @param {string} tag
 * @param {Record<string, any>} [properties] `class`, attributes, and `onclick`-like listeners; `undefined`, `null` and
 *   `false` leave out, `true` sets an empty attribute
 * @param {...(Node | string | number | false | null | undefined | any[])} children
 * @returns {HTMLElement}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Markup that this program holds itself, as a node. Never pass it anything from outside. */
export function markup(text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  return holder.content.firstElementChild;
}
