// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <utility>

#include "proto/storage.pb.h"

namespace penstock::coordinator {

using WindowState = storage::WindowRecord::State;
using JobState = storage::JobRecord::State;

// A window's life. Every move is one of the pairs below; State::Apply CHECKs it.
//
//   PENDING    waits for a worker; a cursor may be kept from an earlier lease
//              -> LEASED, PARKED, SPLIT, CANCELLED
//   LEASED     a worker holds its token; pages are committed under it
//              -> PENDING (expired, returned, paused), DONE, PARKED, SPLIT, CANCELLED
//   DONE       its last chain ended, or was cut, and every page of it is committed. Terminal.
//   PARKED     needs a person: the reason is kept; others go on
//              -> PENDING (retry), CANCELLED
//   SPLIT      another window, or the next job, took its place. Terminal.
//   CANCELLED  its job was cancelled; what was committed stays. Terminal.
inline constexpr std::array<std::pair<WindowState, WindowState>, 13> kWindowMoves = {{
    {storage::WindowRecord::STATE_UNSPECIFIED, storage::WindowRecord::PENDING},  // planned
    {storage::WindowRecord::PENDING, storage::WindowRecord::LEASED},
    {storage::WindowRecord::PENDING, storage::WindowRecord::PARKED},
    {storage::WindowRecord::PENDING, storage::WindowRecord::SPLIT},
    {storage::WindowRecord::PENDING, storage::WindowRecord::CANCELLED},
    {storage::WindowRecord::LEASED, storage::WindowRecord::PENDING},
    {storage::WindowRecord::LEASED, storage::WindowRecord::DONE},
    {storage::WindowRecord::LEASED, storage::WindowRecord::PARKED},
    {storage::WindowRecord::LEASED, storage::WindowRecord::SPLIT},
    {storage::WindowRecord::LEASED, storage::WindowRecord::CANCELLED},
    {storage::WindowRecord::LEASED, storage::WindowRecord::LEASED},  // a page, or a new lease after recovery
    {storage::WindowRecord::PARKED, storage::WindowRecord::PENDING},
    {storage::WindowRecord::PARKED, storage::WindowRecord::CANCELLED},
}};

// A job's life. PAUSED and RUNNING differ only in whether its windows are leased. DONE: every window is done,
// parked or cancelled; a retry of parked windows makes it RUNNING again. CANCELLED is terminal.
inline constexpr std::array<std::pair<JobState, JobState>, 7> kJobMoves = {{
    {storage::JobRecord::STATE_UNSPECIFIED, storage::JobRecord::RUNNING},
    {storage::JobRecord::RUNNING, storage::JobRecord::PAUSED},
    {storage::JobRecord::RUNNING, storage::JobRecord::DONE},
    {storage::JobRecord::RUNNING, storage::JobRecord::CANCELLED},
    {storage::JobRecord::PAUSED, storage::JobRecord::RUNNING},
    {storage::JobRecord::PAUSED, storage::JobRecord::CANCELLED},
    {storage::JobRecord::DONE, storage::JobRecord::RUNNING},
}};

template <typename State, size_t kSize>
constexpr bool IsMove(const std::array<std::pair<State, State>, kSize>& moves, State from, State to) {
  for (const auto& move : moves) {
    if (move.first == from && move.second == to) return true;
  }
  return false;
}
constexpr bool CanMove(WindowState from, WindowState to) { return IsMove(kWindowMoves, from, to); }
constexpr bool CanMove(JobState from, JobState to) { return IsMove(kJobMoves, from, to); }

// No further work will happen to it without a person.
constexpr bool IsSettled(WindowState state) {
  return state == storage::WindowRecord::DONE || state == storage::WindowRecord::PARKED ||
         state == storage::WindowRecord::SPLIT || state == storage::WindowRecord::CANCELLED;
}

}  // namespace penstock::coordinator
