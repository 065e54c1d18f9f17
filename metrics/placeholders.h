// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "metrics/dialect.h"
#include "metrics/parameters.h"

namespace penstock::metrics {

// What stands in braces in the SQL of facts and definitions, where P is a parameter and X an expression:
//
//   {P}               a number; a choice as text; a list as ('a', 'b')
//   {raw P}           a list letter by letter        {days P}   a number of days in milliseconds
//   {X in P}          a form's name holds one of the list's (R4)
//   {X among P}       X is one of a list of names; false for NULL
//   {X if P}          the same, true for an empty list
//   {X custom P}      X fits one of the globs; for an empty list: it is no plugin that Moveworks brings
//   {X outside P}     a conversation's id, whose route is none of the list
//   {X rates P}       the number that the list gives X, else NULL      {X hours P}   the same, in thousandths
//   {folded X}        as names are compared
//   {cell}            what a row of the answer stands for: its period and group
//
// Values are quoted by the dialect. CHECKs that the text is well formed: it is ours.
std::string FillIn(absl::string_view sql, const Values& values, const Dialect& dialect,
                   absl::string_view cell);

}  // namespace penstock::metrics
