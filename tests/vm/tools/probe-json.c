/* Enough JSON for the daemon's replies: values in an arena that the next reply uses again. */
#include "probe.h"
#include <stdlib.h>
#include <string.h>

/* Blocks stay where they are: values point at each other. */
enum { BLOCK = 4096, BLOCKS = 1024 };
static struct json *blocks[BLOCKS];
static size_t used;
static char *at;

static struct json *fresh(int kind)
{
    size_t block = used / BLOCK;
    if (block == BLOCKS)
        return NULL;
    if (!blocks[block])
        blocks[block] = calloc(BLOCK, sizeof **blocks);
    struct json *value = &blocks[block][used++ % BLOCK];
    *value = (struct json){ .kind = kind };
    return value;
}

static void skip(void) { at += strspn(at, " \t\r\n"); }

/* A string is shortened in place; beyond ASCII only UTF-8 as it is, and \u of one byte. */
static char *string(void)
{
    char *begin = ++at, *to = at;
    for (; *at && *at != '"'; at++) {
        if (*at != '\\') {
            *to++ = *at;
            continue;
        }
        switch (*++at) {
        case 'n': *to++ = '\n'; break;
        case 't': *to++ = '\t'; break;
        case 'u': {
            char hex[5] = { 0 };
            strncpy(hex, at + 1, 4);
            *to++ = (char)strtol(hex, NULL, 16);
            at += strnlen(at + 1, 4);
            break;
        }
        case 0: return NULL;
        default: *to++ = *at;
        }
    }
    if (*at != '"')
        return NULL;
    at++;
    *to = 0;
    return begin;
}

static struct json *value(int depth)
{
    skip();
    if (depth > 32)
        return NULL;
    if (*at == '"') {
        struct json *text = fresh(JSON_STRING);
        return text && (text->text = string()) ? text : NULL;
    }
    if (*at == '{' || *at == '[') {
        char close = *at == '{' ? '}' : ']';
        struct json *all = fresh(close == '}' ? JSON_OBJECT : JSON_ARRAY), **last = all ? &all->first : NULL;
        at++;
        for (skip(); all && *at != close; last = &(*last)->next) {
            char *key = NULL;
            if (close == '}') {
                skip();
                if (*at != '"' || !(key = string()))
                    return NULL;
                skip();
                if (*at++ != ':')
                    return NULL;
            }
            if (!(*last = value(depth + 1)))
                return NULL;
            (*last)->key = key;
            skip();
            if (*at == ',')
                at++;
            else if (*at != close)
                return NULL;
        }
        at++;
        return all;
    }
    static const struct { const char *word; int kind; } words[] = { { "true", JSON_TRUE }, { "false", JSON_FALSE }, { "null", JSON_NULL } };
    for (int i = 0; i < 3; i++) {
        if (strncmp(at, words[i].word, strlen(words[i].word)) == 0) {
            at += strlen(words[i].word);
            return fresh(words[i].kind);
        }
    }
    char *end;
    long long number = strtoll(at, &end, 10);
    if (end == at)
        return NULL;
    at = end + strspn(end, "0123456789.eE+-");
    struct json *result = fresh(JSON_NUMBER);
    if (result)
        result->number = number;
    return result;
}

struct json *parse_json(char *text)
{
    used = 0;
    at = text;
    return value(0);
}

struct json *member(const struct json *object, const char *key)
{
    for (struct json *one = object ? object->first : NULL; one; one = one->next)
        if (one->key && strcmp(one->key, key) == 0)
            return one->kind == JSON_NULL ? NULL : one;
    return NULL;
}

const char *text_of(const struct json *object, const char *key)
{
    struct json *one = member(object, key);
    return one && one->kind == JSON_STRING ? one->text : NULL;
}

int64_t number_of(const struct json *object, const char *key)
{
    struct json *one = member(object, key);
    return one && one->kind == JSON_NUMBER ? one->number : 0;
}
