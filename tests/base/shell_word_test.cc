// SPDX-License-Identifier: Apache-2.0
#include "base/shell_word.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(ShellWord, IsQuotedWhereAShellWouldReadMoreIntoIt) {
  EXPECT_EQ(ShellWord("sqlite:./a_1.db"), "sqlite:./a_1.db");
  EXPECT_EQ(ShellWord("postgresql://db/dwh?tls=verify-full&schema=x"),
            "'postgresql://db/dwh?tls=verify-full&schema=x'");
  EXPECT_EQ(ShellWord("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(ShellWord(""), "''");
}

}  // namespace
}  // namespace penstock
