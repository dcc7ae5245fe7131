//! From verdicts to a program: a binary search over the call's number, conditions at its leaves.

use libc::{
    BPF_ABS, BPF_JA, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET, BPF_W,
    SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, sock_filter,
};

use super::table::{ARCHITECTURES, Profile, Verdict, read_table};

/// Offsets in `struct seccomp_data` (linux/seccomp.h), little endian.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = 16;

/// Flags of clone(2) that make namespaces: `CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}`.
const NAMESPACES: u32 = 0x7e02_0000;

/// Execution domains that Docker allows: Linux, with and without 32-bit addresses and uname of 2.6, and the question.
const PERSONALITIES: [u32; 5] = [0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

/// AF_ALG, AF_VSOCK and what came after them: kernel interfaces rather than networks (CVE-2026-31431).
const FIRST_REFUSED_FAMILY: u32 = 38;

/// Frames of AF_PACKET do not pass a packet filter.
const PACKET: u32 = 17;

/// Compiles a profile for this machine's architecture and its 32-bit sibling; every other one is refused.
pub(crate) fn compile(profile: Profile) -> Vec<sock_filter> {
    let mut program = vec![load(ARCHITECTURE)];
    for architecture in ARCHITECTURES {
        let table = read_table(*architecture, profile);
        let mut body = vec![load(NUMBER)];
        body.extend(search(&intervals(table.into_iter())));
        // Unequal: over the jump that follows, which is too long for a conditional one.
        program.push(test(BPF_JEQ, architecture.audit, 1, 0));
        program.push(jump(body.len()));
        program.extend(body);
    }
    program.extend(leaf(Verdict::Refuse));
    program
}

/// Neighboring numbers with equal verdicts, as (first number, verdict); the gaps are refused.
fn intervals(table: impl Iterator<Item = (u32, Verdict)>) -> Vec<(u32, Verdict)> {
    let mut intervals = vec![(0, Verdict::Refuse)];
    let mut next = 0;
    for (number, verdict) in table {
        if number > next {
            push(&mut intervals, next, Verdict::Refuse);
        }
        push(&mut intervals, number, verdict);
        next = number + 1;
    }
    push(&mut intervals, next, Verdict::Refuse);
    intervals
}

fn push(intervals: &mut Vec<(u32, Verdict)>, first: u32, verdict: Verdict) {
    if let Some(last) = intervals.last_mut() {
        if last.1 == verdict {
            return;
        }
        if last.0 == first {
            last.1 = verdict;
            return;
        }
    }
    intervals.push((first, verdict));
}

fn search(intervals: &[(u32, Verdict)]) -> Vec<sock_filter> {
    if let [(_, verdict)] = intervals {
        return leaf(*verdict);
    }
    let (left, right) = intervals.split_at(intervals.len() / 2);
    let first_of_right = right.first().map_or(0, |(first, _)| *first);
    let (left, right) = (search(left), search(right));
    let mut code = vec![test(BPF_JGE, first_of_right, 0, 1), jump(left.len())];
    code.extend(left);
    code.extend(right);
    code
}

fn leaf(verdict: Verdict) -> Vec<sock_filter> {
    let allow = answer(SECCOMP_RET_ALLOW);
    let refuse = answer(SECCOMP_RET_ERRNO | libc::EPERM as u32);
    match verdict {
        Verdict::Allow => vec![allow],
        Verdict::Refuse => vec![refuse],
        Verdict::Absent => vec![answer(SECCOMP_RET_ERRNO | libc::ENOSYS as u32)],
        Verdict::Clone => vec![
            load(FIRST_ARGUMENT),
            test(BPF_JSET, NAMESPACES, 1, 0),
            allow,
            refuse,
        ],
        Verdict::Socket => vec![
            load(FIRST_ARGUMENT),
            test(BPF_JGE, FIRST_REFUSED_FAMILY, 2, 0),
            test(BPF_JEQ, PACKET, 1, 0),
            allow,
            refuse,
        ],
        Verdict::Personality => {
            let mut code = vec![load(FIRST_ARGUMENT)];
            for (position, value) in PERSONALITIES.into_iter().enumerate() {
                let to_allow = (PERSONALITIES.len() - position) as u8;
                code.push(test(BPF_JEQ, value, to_allow, 0));
            }
            code.extend([refuse, allow]);
            code
        }
    }
}

fn load(offset: u32) -> sock_filter {
    instruction(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0)
}

fn test(kind: u32, value: u32, if_true: u8, if_false: u8) -> sock_filter {
    instruction(BPF_JMP | kind | BPF_K, value, if_true, if_false)
}

fn jump(over: usize) -> sock_filter {
    instruction(BPF_JMP | BPF_JA, over as u32, 0, 0)
}

fn answer(value: u32) -> sock_filter {
    instruction(BPF_RET | BPF_K, value, 0, 0)
}

fn instruction(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    }
}
