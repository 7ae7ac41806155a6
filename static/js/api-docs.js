// Shows the description of REST; the token that is typed here stays in this page.
const place = document.getElementById("docs");
window.SwaggerUIBundle({
  url: `${place.dataset.schema}?format=json`,
  requestInterceptor: (request) => {
    request.headers["Accept-Language"] = "zh-CN";
    return request;
  },
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
