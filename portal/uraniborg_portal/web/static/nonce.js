/* Runs before BokehJS: style elements that it makes get the page's nonce, which the Content-Security-Policy asks for. */
(() => {
  const { nonce } = document.currentScript;
  for (const name of ["createElement", "createElementNS"]) {
    const make = document[name].bind(document);
    document[name] = (...given) => {
      const element = make(...given);
      if (element.localName === "style") element.nonce = nonce;
      return element;
    };
  }
})();
