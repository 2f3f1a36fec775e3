# SPDX-License-Identifier: MIT
# Print C files as "FILE:LINE: CODE" without comments and with empty strings, for checks that look at code only.
FNR == 1 { in_comment = 0 }
{
    rest = $0
    code = ""
    while (rest != "") {
        if (in_comment) {
            end = index(rest, "*/")
            if (!end)
                break
            rest = substr(rest, end + 2)
            in_comment = 0
            code = code " "
        } else if (match(rest, /"|'|\/\*|\/\//)) {
            mark = substr(rest, RSTART, RLENGTH)
            code = code substr(rest, 1, RSTART - 1)
            rest = substr(rest, RSTART)
            if (mark == "//") {
                break
            } else if (mark == "/*") {
                in_comment = 1
                rest = substr(rest, 3)
            } else if (match(rest, mark == "'" ? "^'([^'\\\\]|\\\\.)*'" : "^\"([^\"\\\\]|\\\\.)*\"")) {
                code = code mark mark
                rest = substr(rest, RLENGTH + 1)
            } else {
                code = code mark
                rest = substr(rest, 2)
            }
        } else {
            code = code rest
            rest = ""
        }
    }
    if (code ~ /[^ \t]/)
        print FILENAME ":" FNR ": " code
}
