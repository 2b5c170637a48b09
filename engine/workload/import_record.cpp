// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/import_record.h"

#include "engine/chain/rlp.h"

namespace nodetune {

std::string ImportRecord::encode() const {
  RlpWriter writer;
  writer.begin_list().add_uint(blocks).add_uint(transactions).add_uint(first_number);
  writer.add_uint(last.number).add_uint(last.offset).add_string(as_view(last.hash));
  if (last.total_difficulty) writer.add_string(as_view(*last.total_difficulty));
  return writer.end_list().take();
}

Result<ImportRecord> ImportRecord::decode(std::string_view bytes) {
  const Status damaged(StatusCode::corrupt, "the record of where the import stands is damaged");
  RlpReader reader(bytes);
  auto fields = reader.next_list();
  if (!fields || !reader.at_end()) return damaged;
  ImportRecord record;
  for (auto* field : {&record.blocks, &record.transactions, &record.first_number,
                      &record.last.number, &record.last.offset}) {
    const auto value = fields->next_uint();
    if (!value) return damaged;
    *field = *value;
  }
  const auto hash = fields->next_string();
  if (!hash || hash->size() != record.last.hash.size()) return damaged;
  record.last.hash = *bytes_from<Hash256>(*hash);
  if (!fields->at_end()) {
    const auto total = fields->next_string();
    if (!total || total->size() != sizeof(Word256)) return damaged;
    record.last.total_difficulty = word_from(*total);
  }
  if (!fields->at_end() || record.blocks != record.last.number - record.first_number + 1) {
    return damaged;
  }
  return record;
}

}  // namespace nodetune
