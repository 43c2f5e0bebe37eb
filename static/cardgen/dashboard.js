/* The first page: the order form, and the newest jobs. */

import { follow } from "./list.js";
import { enhance } from "./order.js";

follow(document.querySelector("[data-jobs]"));

const form = document.querySelector("[data-order]");
if (form) enhance(form);
