// The forecast in the browser is a page inside of one: as high as what it holds, and in the scheme that is chosen here.
for (const frame of document.querySelectorAll("iframe.forecast")) {
  let dark = []; // its rules for a dark scheme, since not all browsers hand the scheme on to a frame

  const fit = () => (frame.style.height = `${frame.contentDocument.documentElement.offsetHeight}px`);
  const recolour = () => {
    const isDark = document.body.dataset.mdColorScheme === "slate";
    for (const { media } of dark) media.mediaText = isDark ? "all" : "not all";
    frame.contentDocument.documentElement.style.colorScheme = isDark ? "dark" : "light";
    frame.contentWindow.dispatchEvent(new Event("scheme"));
  };
  const [sizes, schemes] = [new ResizeObserver(fit), new MutationObserver(recolour)];

  const begin = () => {
    const rules = [...frame.contentDocument.styleSheets].flatMap(({ cssRules }) => [...cssRules]);
    const found = rules.filter(({ media }) => media?.mediaText.includes("prefers-color-scheme"));
    if (found.length > 0) dark = found;
    sizes.observe(frame.contentDocument.body);
    schemes.observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
    recolour();
  };
  frame.addEventListener("load", begin);
  if (frame.contentDocument?.querySelector("main")) begin(); // it was faster than this file
}
