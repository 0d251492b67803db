// A classic script, not a module: `<script src="hold.js"></script>` in the head of a page, before its lists.
export {};
