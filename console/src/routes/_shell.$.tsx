import { createFileRoute } from '@tanstack/react-router';
import { MissingPage } from '@/app/MissingPage';

// Whatever no other route takes.
export const Route = createFileRoute('/_shell/$')({ component: MissingPage });
