// Shows the description of REST; the token that is typed here stays in this page.
const place = document.getElementById("docs");
window.SwaggerUIBundle({
  url: `${place.dataset.schema}?format=json`,
  domNode: place,
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
