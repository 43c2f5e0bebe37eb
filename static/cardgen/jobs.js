/* The list of jobs: `/` goes to the search. */

import { follow } from "./list.js";

follow(document.querySelector("[data-jobs]"));

const search = document.querySelector("#q");
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.focus();
  search.select();
});
