#pragma once
#include <yaml.h>

// What an event carries is in a union of anonymous structs: these read the members that a reader of documents needs.

/// One parser and its latest event.
typedef struct {
    yaml_parser_t parser;
    yaml_event_t event;
} vaani_yaml;

/// The anchor of a node or an alias; NULL where there is none.
static inline const char *vaani_yaml_anchor(const vaani_yaml *yaml) {
    switch (yaml->event.type) {
    case YAML_ALIAS_EVENT: return (const char *)yaml->event.data.alias.anchor;
    case YAML_SCALAR_EVENT: return (const char *)yaml->event.data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT: return (const char *)yaml->event.data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT: return (const char *)yaml->event.data.mapping_start.anchor;
    default: return NULL;
    }
}

/// The tag that a node was given; NULL where there is none.
static inline const char *vaani_yaml_tag(const vaani_yaml *yaml) {
    switch (yaml->event.type) {
    case YAML_SCALAR_EVENT: return (const char *)yaml->event.data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT: return (const char *)yaml->event.data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT: return (const char *)yaml->event.data.mapping_start.tag;
    default: return NULL;
    }
}

static inline const unsigned char *vaani_yaml_scalar(const vaani_yaml *yaml, size_t *length) {
    *length = yaml->event.data.scalar.length;
    return yaml->event.data.scalar.value;
}

/// Whether a scalar was written without quotation marks, and not as a block.
static inline int vaani_yaml_is_plain(const vaani_yaml *yaml) {
    return yaml->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}
