// Gradio names a bubble by its HTML; whoever has the page read aloud should hear the words alone.
() => {
  const speakers = { user: "You", bot: "Reply" };
  const name = (bubble) => {
    const words = bubble.innerText.replace(/\s+/g, " ").trim();
    const label = `${speakers[bubble.dataset.testid]}: ${words}`;
    if (bubble.getAttribute("aria-label") !== label) bubble.setAttribute("aria-label", label);
  };
  const nameAll = () => document
    .querySelectorAll('#kefu-chat [data-testid="user"][aria-label], #kefu-chat [data-testid="bot"][aria-label]')
    .forEach(name);
  new MutationObserver(nameAll).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["aria-label"],
  });
  nameAll();
}
