#!/bin/sh
# wrap-man.sh PAGE…: folds the text of manual pages at 80 characters, as mandoc -T lint wants it. Examples, macros and the line after .TP, which is the heading of a
# paragraph and ends with the line, stay as they are.
set -eu
export LC_ALL=C
for page in "$@"; do
    awk '
        /^\.EX/ { example = 1 }
        /^\.EE/ { example = 0 }
        heading || example || /^[.\047]/ || length($0) <= 80 { print; heading = /^\.T[PQ]/; next }
        {
            # No line may begin with a word that looks like a macro, or end with an escaped blank.
            line = ""
            count = split($0, words, / /)
            for (i = 1; i <= count; i++) {
                if (line == "")
                    line = words[i]
                else if (length(line) + 1 + length(words[i]) > 80 && words[i] !~ /^[.\047]/ && line !~ /\\$/) {
                    print line
                    line = words[i]
                }
                else
                    line = line " " words[i]
            }
            print line
        }' "$page" > "$page.new"
    if cmp -s "$page" "$page.new"; then rm "$page.new"; else mv "$page.new" "$page"; fi
done
