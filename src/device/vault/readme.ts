import {sealNamespace, sealPrincipal} from '../../evidence/manifest.ts';
import {files} from './places.ts';

/** What an examiner needs to know, kept beside the seal. */
export const readme = (data: string): string => `The seal of the evidence in
    ${data}
as it was captured. Keep this folder apart from the data. To check the seal, in this folder:

    ssh-keygen -Y verify -f ${files.signers} -I ${sealPrincipal} -n ${sealNamespace} -s ${files.signature} < ${files.manifest}

and the data, in its folder:

    sha256sum -c THIS-FOLDER/${files.manifest}

The key in ${files.signers} is the run's; the run's journal names it and the digest of ${files.manifest} (rebuild report).

The data is hostile: names and contents are as the old system gave them. Do not print it to a terminal or unpack it on
a machine that matters.
    ${files.custody}   one line an item: what, from where, how, by whom, when, digest, whether it is whole and
                    why not. Each line names the digest of the line before it.
    *.tsv           records of words with tabs between; what the host controlled is base64.
    *.png, *.jpg    the screen as the BMC showed it, or sent in its place: only the first bytes were looked at.
    *.tar           archives as the host's file systems gave them, one after the other where there are very many files
                    (tar -i); a cut one lists with an error at its end. Of a file above 128 MiB they have nothing:
                    its ends are in "large".
    *.lime          RAM, in LiME's format.
    *.frames.tsv    of what is kept in zstd frames: where each lies, its bytes, the SHA-256 of what was read, and the
                    places in that which could not be read and are zero (OFFSET+LENGTH).
    *.raw.zst       a disk, as zstd frames: zstd -d --sparse disk-SERIAL.raw.zst gives the raw image, and
                    losetup -rP --find --show disk-SERIAL.raw makes its partitions mountable (mount -o ro,noload);
                    partx -u LOOP, where the kernel shows none of them.

What the capture itself changed on the old system: it logged in, so sshd and the system wrote what they write about
logins (wtmp, lastlog, the journal), and its login shell ran its own start files. Our programs lay in its memory, and
ran behind read-only mounts of their own that keep no access times, unless the record says "not sealed". What other
machines or programs of the host answer for (NFS, SMB, FUSE) was not looked into.
`;
