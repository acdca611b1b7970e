/* Runs in the head, so that a page never flashes in the other theme. */
(() => {
  const name = localStorage.getItem("uraniborg-theme");
  if (name === "dark" || name === "light") document.documentElement.dataset.theme = name;
})();
