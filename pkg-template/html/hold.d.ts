// Of `hold.js` and `hold.css`, which are for the head of a page, before its lists, and export nothing: a classic script,
// not a module, and a style sheet.
export {};
