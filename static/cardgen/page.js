/* What every page has that needs no script of its own. */

import { offerCopies } from "./copy.js";

offerCopies(document);
