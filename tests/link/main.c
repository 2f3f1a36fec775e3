/* SPDX-License-Identifier: MIT */
/*
 * The link check: a program for each rank of src/, with the whole library of that rank and only those below.  That it
 * links is the test; a call upwards would be an undefined reference.
 */
int main(void)
{
    return 0;
}
