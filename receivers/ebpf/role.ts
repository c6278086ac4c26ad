/** Which end of a connection a process is: the kernel says so, nobody guesses it. */
export type Role = 'server' | 'client'
