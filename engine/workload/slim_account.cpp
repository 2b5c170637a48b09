// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/slim_account.h"

#include "engine/chain/rlp.h"

namespace nodetune {

std::string SlimAccount::encode() const {
  RlpWriter rlp;
  rlp.begin_list();
  rlp.add_uint(nonce).add_string(balance).add_string(storage_root).add_string(code_hash);
  rlp.end_list();
  return rlp.take();
}

Result<SlimAccount> SlimAccount::decode(std::string_view rlp) {
  RlpReader reader(rlp);
  auto fields = reader.next_list();
  if (!fields) return fields.status();
  SlimAccount account;
  auto nonce = fields->next_uint();
  if (!nonce) return nonce.status();
  account.nonce = *nonce;
  for (std::string* text : {&account.balance, &account.storage_root, &account.code_hash}) {
    const auto bytes = fields->next_string();
    if (!bytes) return bytes.status();
    *text = std::string(*bytes);
  }
  if (const auto end = fields->expect_end(); !end) return end;
  return account;
}

}  // namespace nodetune
