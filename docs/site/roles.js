// What the theme leaves unsaid to those who cannot see the page, or use no pointer.

// What is around a table can be reached, and moved by keys, where the table is wider.
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries)
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
});

new MutationObserver(() => {
  // The theme calls the buttons of each block of code a navigation; a page has one.
  for (const buttons of document.querySelectorAll("nav.md-code__nav:not([role])")) buttons.setAttribute("role", "none");
  for (const around of document.querySelectorAll(".md-typeset__scrollwrap")) sizes.observe(around);
}).observe(document.documentElement, { childList: true, subtree: true });
